using System.Diagnostics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Spans of time-consuming operations. Keys and tags are not recorded, because they may contain personal data.</summary>
internal static class Activities
{
    private static readonly GuardedActivitySource Source = new(Names.Source);

    /// <param name="cache">Name of the cache that loads.</param>
    /// <param name="links">Activity that started a refresh, which runs in parallel and is not part of the activity. Default: null (none).</param>
    public static GuardedSpan Load(string cache, ActivityLink[]? links = null) => GuardedSpan.Start(Source, "unstale.load", Names.CacheName, cache, links);

    public static GuardedSpan Invalidate(string log) => GuardedSpan.Start(Source, "unstale.invalidate", Names.LogName, log);
}
