namespace Unstale.Log;

/// <summary>Hears what a log says unasked. Calls come one at a time and must not wait.</summary>
public interface ILogObserver
{
    /// <summary>A connection stands; nothing was asked on it yet.</summary>
    void Connected();

    /// <summary>The connection is gone.</summary>
    void Disconnected();

    /// <summary>A record was appended by another node, or by this one.</summary>
    void Pushed(int partition, Generation generation, LoggedRecord record);

    /// <summary>There is something to read that is not told here, or somebody waits for this node to confirm its place: it asks at once.</summary>
    void Missed(int partition);
}
