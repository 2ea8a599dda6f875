using Unstale.Log;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class LogMetricsTests
{
    private readonly string _log = Guid.NewGuid().ToString();

    [Fact]
    public void Invalidations_are_counted_by_kind()
    {
        using var listener = new Measurements("unstale.log.name", _log);
        using var metrics = new LogMetrics(meters: null, _log);
        foreach (var kind in Enum.GetValues<TargetKind>())
        {
            for (var times = 0; times <= (int)kind; times++)
                metrics.Invalidation((int)kind);
        }

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["unstale.invalidations/key"] = 1 + (int)TargetKind.Key,
                ["unstale.invalidations/tag"] = 1 + (int)TargetKind.Tag,
                ["unstale.invalidations/glob"] = 1 + (int)TargetKind.Glob,
                ["unstale.invalidations/regex"] = 1 + (int)TargetKind.Regex,
                ["unstale.invalidations/all_of"] = 1 + (int)TargetKind.AllOf,
                ["unstale.invalidations/everything"] = 1 + (int)TargetKind.Everything,
                ["unstale.invalidations/row"] = 1 + (int)TargetKind.Row,
            },
            listener.Read());
    }

    [Fact]
    public void Counting_an_invalidation_allocates_nothing()
    {
        using var metrics = new LogMetrics(meters: null, _log);
        metrics.Invalidation((int)TargetKind.Tag);

        var before = GC.GetAllocatedBytesForCurrentThread();
        metrics.Invalidation((int)TargetKind.Tag);
        metrics.Invalidation((int)TargetKind.Everything);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_disposed_log_reports_no_metrics()
    {
        using var listener = new Measurements("unstale.log.name", _log);
        var metrics = new LogMetrics(meters: null, _log);
        Assert.Equal(7, listener.Read().Count);

        metrics.Dispose();

        Assert.Empty(listener.Read());
    }
}
