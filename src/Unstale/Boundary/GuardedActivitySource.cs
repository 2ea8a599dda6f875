using System.Diagnostics;

namespace Unstale.Boundary;

/// <summary>Activity source. If a listener throws while the source is created, no activities are created.</summary>
internal sealed class GuardedActivitySource : IDisposable
{
    private readonly ActivitySource? _source;

    public GuardedActivitySource(string name)
    {
        try
        {
            _source = new(name);
        }
        catch (Exception)
        {
            // An exception in a static field initializer would be thrown again by every use.
            CallOutFailures.Count(CallOut.Activity);
        }
    }

    public bool HasListeners => _source?.HasListeners() == true;

    /// <summary>Returns an unstarted activity; null if no listener samples it. Exceptions of listeners are not caught.</summary>
    public Activity? Create(string name, ActivityLink[]? links) =>
        _source?.CreateActivity(name, ActivityKind.Internal, parentContext: default, links: links);

    public void Dispose() => _source?.Dispose();
}
