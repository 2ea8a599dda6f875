using System.Diagnostics.Metrics;
using Unstale.Boundary;

namespace Unstale.Telemetry;

/// <summary>Instrument for exceptions of external code that reached no caller. One for the process, since a logger or listener belongs to no cache.</summary>
internal static class CallOutMetrics
{
    private static readonly GuardedMeter Meter = Create();

    /// <summary>Creates the instrument once.</summary>
    public static void Publish() => _ = Meter;

    private static GuardedMeter Create()
    {
        var meter = new GuardedMeter(factory: null, Names.Source);
        meter.CreateObservableCounter(
            "unstale.callouts.failed", Observe, "{exception}", "Exceptions of application code that were caught and not rethrown, by kind of call.");
        return meter;
    }

    private static Measurement<long>[] Observe() =>
        [.. CallOutFailures.Kinds.Select(static kind => new Measurement<long>(CallOutFailures.CountOf(kind), new KeyValuePair<string, object?>(Names.Kind, NameOf(kind))))];

    private static string NameOf(CallOut kind) => kind switch
    {
        CallOut.Logger => "logger",
        CallOut.Meter => "meter",
        CallOut.Activity => "activity",
        CallOut.Clock => "clock",
        CallOut.Timer => "timer",
        CallOut.Cancellation => "cancellation",
        CallOut.Serializer => "serializer",
        CallOut.Rule => "rule",
        CallOut.Handler => "handler",
        CallOut.Target => "sink",
        _ => "value",
    };
}
