using System.Diagnostics.Metrics;
using Unstale.Boundary;
using Unstale.Values;

namespace Unstale.Telemetry;

/// <summary>Instrument for keys that counted as matched by a regular expression that did not run. One for the process, like the expressions.</summary>
internal static class PatternMetrics
{
    private static readonly GuardedMeter Meter = Create();

    /// <summary>Creates the instrument once.</summary>
    public static void Publish() => _ = Meter;

    private static GuardedMeter Create()
    {
        var meter = new GuardedMeter(factory: null, Names.Source);
        meter.CreateObservableCounter(
            "unstale.patterns.assumed", Observe, "{key}", "Keys that counted as matched by a regular expression that this process did not run, by reason.");
        return meter;
    }

    private static Measurement<long>[] Observe() =>
    [
        new(RegexAutomata.Shared.WithoutRoom, new KeyValuePair<string, object?>(Names.Cause, "no_room")),
        new(RegexAutomata.Shared.AbandonedCount, new KeyValuePair<string, object?>(Names.Cause, "given_up")),
    ];
}
