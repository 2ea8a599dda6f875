using System.Diagnostics.Metrics;
using Unstale.Telemetry;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Instrument of the process-wide regular expressions.</summary>
public sealed class PatternMetricsTests
{
    [Fact]
    public void Keys_that_counted_as_matched_are_published_by_their_cause()
    {
        PatternMetrics.Publish();
        var before = Read("given_up");
        Assert.True(RegexAutomata.Shared.MayMatch("(?=refused by the engine)", "k"));
        Assert.True(Read("given_up") > before);
        Assert.True(Read("no_room") >= 0);
    }

    private static long Read(string cause)
    {
        long? value = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, l) =>
            {
                if (instrument.Name == "unstale.patterns.assumed")
                    l.EnableMeasurementEvents(instrument);
            },
        };

        // Sum, because a copy of the engine loaded by another test publishes an instrument of the same name.
        listener.SetMeasurementEventCallback<long>((_, measured, tags, _) => value = cause.Equals(tags[0].Value) ? (value ?? 0) + measured : value);
        listener.Start();
        listener.RecordObservableInstruments();
        return value ?? -1;
    }
}
