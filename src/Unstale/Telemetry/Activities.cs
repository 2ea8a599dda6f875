using System.Diagnostics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Spans for what takes time. Keys and tags are not recorded: they may hold what identifies a person.</summary>
internal static class Activities
{
    private static readonly GuardedActivitySource Source = new(Names.Source);

    /// <param name="cache">The cache that loads.</param>
    /// <param name="links">The activity that started a refresh, which runs beside it and is no part of it. Null: none.</param>
    public static GuardedSpan Fill(string cache, ActivityLink[]? links = null) => GuardedSpan.Start(Source, "unstale.fill", Names.CacheName, cache, links);

    public static GuardedSpan Invalidate(string log) => GuardedSpan.Start(Source, "unstale.invalidate", Names.LogName, log);
}
