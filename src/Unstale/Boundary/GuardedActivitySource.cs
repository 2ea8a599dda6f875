using System.Diagnostics;

namespace Unstale.Boundary;

/// <summary>A source of activities; one whose making a listener has spoiled has none.</summary>
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
            // In a static field an exception would be thrown again by every use.
            CallOutFailures.Count(CallOut.Activity);
        }
    }

    public bool HasListeners => _source?.HasListeners() == true;

    /// <summary>An activity that has not started; null where nobody samples it. What listeners throw is thrown.</summary>
    public Activity? Create(string name, ActivityLink[]? links) =>
        _source?.CreateActivity(name, ActivityKind.Internal, parentContext: default, links: links);

    public void Dispose() => _source?.Dispose();
}
