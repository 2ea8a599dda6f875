using System.Diagnostics;

namespace Unstale.Telemetry;

/// <summary>Spans for what takes time. Keys and tags are not recorded: they may hold what identifies a person.</summary>
internal static class Activities
{
    private static readonly ActivitySource Source = new(Names.Source);

    /// <param name="cache">The cache that loads.</param>
    /// <param name="links">The activity that started a refresh, which runs beside it and is no part of it. Null: none.</param>
    public static Activity? Fill(string cache, ActivityLink[]? links = null) => Start("unstale.fill", Names.CacheName, cache, links);

    public static Activity? Invalidate(string log) => Start("unstale.invalidate", Names.LogName, log);

    private static Activity? Start(string name, string attribute, string value, ActivityLink[]? links = null) =>
        Source.HasListeners() ? Source.StartActivity(name, ActivityKind.Internal, parentContext: default, links: links)?.SetTag(attribute, value) : null;
}
