namespace Unstale.Log;

/// <summary>An ordered sequence of invalidations, shared by all nodes that open it.</summary>
public interface IInvalidationLog : IAsyncDisposable
{
    /// <summary>The name by which caches say which log they obey.</summary>
    string Name { get; }

    /// <summary>
    /// True if appends end before they return, cannot fail, and no history can break: the node then is always trusted.
    /// </summary>
    bool IsLocal { get; }

    /// <summary>Opens the log for one node. The observer is told of pushes from the first one after this returns.</summary>
    ILogSession Open(ILogObserver observer);
}
