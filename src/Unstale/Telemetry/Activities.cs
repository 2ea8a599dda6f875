using System.Diagnostics;

namespace Unstale.Telemetry;

/// <summary>Spans for what takes time. Keys and tags are not recorded: they may hold what identifies a person.</summary>
internal static class Activities
{
    private static readonly ActivitySource Source = new(Names.Source);

    public static Activity? Fill(string cache) => Start("unstale.fill", Names.CacheName, cache);

    public static Activity? Invalidate(string log) => Start("unstale.invalidate", Names.LogName, log);

    private static Activity? Start(string name, string attribute, string value) =>
        Source.HasListeners() ? Source.StartActivity(name)?.SetTag(attribute, value) : null;
}
