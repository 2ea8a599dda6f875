namespace Unstale.Log;

/// <summary>Ordered sequence of invalidations, shared by all nodes that open it.</summary>
internal interface IInvalidationLog : IAsyncDisposable
{
    /// <summary>Name by which caches select the log.</summary>
    string Name { get; }

    /// <summary>
    /// Whether appends complete synchronously and cannot fail, and the history cannot break. A node of such a log is always trusted.
    /// </summary>
    bool IsLocal { get; }

    /// <summary>Opens the log for one node. The observer receives pushes from the first one after this method returns.</summary>
    ILogSession Open(ILogObserver observer);
}
