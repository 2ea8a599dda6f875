namespace Unstale.Node;

/// <summary>State of a node's connection to its log. Written by the notifications of the log, read by all parts of the node without a lock.</summary>
internal sealed class NodeConnection
{
    private int _number;
    private volatile bool _isOpen;
    private volatile bool _hasEnded;

    /// <summary>
    /// Number of the connection, incremented on every connect and disconnect. A reply over an abandoned connection must not be mistaken for one of the
    /// current connection.
    /// </summary>
    public int Number => Volatile.Read(ref _number);

    public bool IsOpen => _isOpen;

    /// <summary>Whether the node is disposed and sends nothing more.</summary>
    public bool HasEnded => _hasEnded;

    public void Change(bool isOpen)
    {
        Interlocked.Increment(ref _number);
        _isOpen = isOpen;
    }

    public void End() => _hasEnded = true;
}
