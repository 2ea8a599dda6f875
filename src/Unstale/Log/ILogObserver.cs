namespace Unstale.Log;

/// <summary>Receives unsolicited notifications of a log. Calls are made one at a time and must not block.</summary>
internal interface ILogObserver
{
    /// <summary>Called when a connection has opened and no request has been sent over it.</summary>
    void Connected();

    /// <summary>Called when the connection is lost.</summary>
    void Disconnected();

    /// <summary>Called when a record was appended, by this node or another.</summary>
    void Pushed(int partition, Generation generation, LoggedRecord record);

    /// <summary>
    /// Called when the log has records not passed to this observer, or when another node waits for this node to confirm its position. The observer
    /// must request a tail at once.
    /// </summary>
    void Missed(int partition);
}
