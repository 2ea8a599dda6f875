using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Histograms as collected by the SDK of OpenTelemetry without views.</summary>
public sealed class HistogramTests
{
    private static readonly string[] Expected =
    [
        "unstale.cache.remote.duration", "unstale.cache.served.age", "unstale.events.duration", "unstale.invalidation.convergence", "unstale.invalidation.lag",
        "unstale.load.duration",
    ];

    private readonly string _cache = Guid.NewGuid().ToString();

    [Fact]
    public async Task Loads_of_2_and_200_ms_lie_in_different_buckets()
    {
        List<Metric> metrics = [];
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter("Unstale").AddInMemoryExporter(metrics).Build();
        await using var test = new CacheUnderTest(services: services => services.AddUnstale(_cache));
        var cache = test.Services.GetRequiredKeyedService<UnstaleCache>(_cache);
        foreach (var milliseconds in new[] { 2, 200 })
        {
            await cache.GetOrCreateAsync(
                $"k{milliseconds}",
                _ =>
                {
                    test.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
                    return new ValueTask<int>(milliseconds);
                },
                cancellationToken: TestContext.Current.CancellationToken);
        }

        provider.ForceFlush();

        Assert.Equal([0.0025, 0.25], BucketsOf(metrics, "unstale.load.duration"));
    }

    [Fact]
    public async Task Counters_of_two_caches_are_collected_side_by_side()
    {
        List<Metric> metrics = [];
        using var provider = Sdk.CreateMeterProviderBuilder().AddMeter("Unstale").AddInMemoryExporter(metrics).Build();
        await using var test = new CacheUnderTest(services: services => services.AddUnstale(_cache).Services.AddUnstale(_cache + "2"));
        test.Services.GetRequiredKeyedService<UnstaleCache>(_cache).ReportStale("k");
        test.Services.GetRequiredKeyedService<UnstaleCache>(_cache + "2").ReportStale("k");
        test.Services.GetRequiredKeyedService<UnstaleCache>(_cache + "2").ReportStale("k");

        provider.ForceFlush();

        Assert.Equal(1, Assert.Single(PointsOf(metrics, "unstale.stale.reported", _cache)).GetSumLong());
        Assert.Equal(2, Assert.Single(PointsOf(metrics, "unstale.stale.reported", _cache + "2")).GetSumLong());
    }

    [Fact]
    public void Every_histogram_in_seconds_advises_boundaries_from_far_below_its_least_value_to_seconds()
    {
        Dictionary<string, IReadOnlyList<double>?> advised = new(StringComparer.Ordinal);
        using var listener = new System.Diagnostics.Metrics.MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument is System.Diagnostics.Metrics.Histogram<double> { Meter.Name: "Unstale" } histogram)
                {
                    lock (advised)
                        advised[histogram.Name] = histogram.Unit == "s" ? histogram.Advice?.HistogramBucketBoundaries : null;
                }
            },
        };
        listener.Start();
        using var cache = new Unstale.Telemetry.CacheMetrics(meters: null, _cache, static () => (0, 0));
        using var log = new Unstale.Telemetry.LogMetrics(meters: null, _cache);
        using var messages = new Unstale.Telemetry.MessageMetrics(meters: null, _cache);

        lock (advised)
        {
            Assert.Equal(Expected, advised.Keys.Order(StringComparer.Ordinal));
            Assert.All(advised.Values, static boundaries =>
            {
                Assert.NotNull(boundaries);
                Assert.Equal(boundaries.Order().Distinct(), boundaries);
                Assert.InRange(boundaries[0], 0.00005, 0.01);
                Assert.InRange(boundaries[^1], 5, 86_400);
            });
            Assert.Equal((0.0001, 10), (advised["unstale.load.duration"]![0], advised["unstale.load.duration"]![^1]));
            Assert.Equal((0.00005, 5), (advised["unstale.invalidation.lag"]![0], advised["unstale.invalidation.lag"]![^1]));
        }
    }

    private IEnumerable<double> BucketsOf(List<Metric> metrics, string name)
    {
        foreach (var point in PointsOf(metrics, name, _cache))
        {
            foreach (var bucket in point.GetHistogramBuckets())
            {
                if (bucket.BucketCount > 0)
                    yield return bucket.ExplicitBound;
            }
        }
    }

    private static List<MetricPoint> PointsOf(List<Metric> metrics, string name, string cache)
    {
        List<MetricPoint> points = [];
        foreach (var metric in metrics.Where(metric => metric.Name == name))
        {
            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                foreach (var tag in point.Tags)
                {
                    if (tag is { Key: "unstale.cache.name", Value: string value } && value == cache)
                        points.Add(point);
                }
            }
        }

        return points;
    }
}
