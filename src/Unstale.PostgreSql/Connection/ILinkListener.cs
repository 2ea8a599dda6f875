namespace Unstale.PostgreSql.Connection;

/// <summary>Receives the state of a log's connections. Calls must not block.</summary>
internal interface ILinkListener
{
    /// <summary>Called when a connection is open and its schema is complete.</summary>
    void LinkUp(CallConnection connection);

    /// <summary>Called when the connection is dropped.</summary>
    void LinkDown();

    /// <summary>Called when notifications may have been missed, because receiving begins.</summary>
    void Listening();

    /// <summary>Called for each notification.</summary>
    /// <param name="payload">Content of the notification.</param>
    /// <param name="processId">Server process that sent the notification.</param>
    void Notified(string payload, int processId);
}
