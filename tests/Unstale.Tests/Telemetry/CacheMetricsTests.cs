using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Telemetry;
using Xunit;

namespace Unstale.Tests.Telemetry;

public sealed class CacheMetricsTests
{
    private static readonly RuleSetStatistics NoRules = new InvalidationRules(TimeProvider.System).Statistics(0, 0, 0, TimeSpan.Zero, 0);

    private readonly string _cache = Guid.NewGuid().ToString();

    [Fact]
    public void A_snapshot_contains_all_counters()
    {
        using var metrics = CountEach();

        Assert.Equal(
            new CacheStatistics
            {
                Name = _cache,
                Hits = 2,
                StaleServes = 1,
                UntrustedServes = 4,
                FailSafeServes = 3,
                Misses = 3,
                Uncacheable = 2,
                RemoteHits = 1,
                RemoteConfirmed = 1,
                RemoteRefused = 2,
                Joins = 1,
                Loads = 2,
                UntrustedLoads = 1,
                LoadFailures = 1,
                LoadsRejected = 3,
                LoadsRefused = 1,
                RemovedDuringRead = 3,
                StaleReported = 1,
                EntriesInvalidated = 5,
                EvictedForSize = 6,
                EvictedForAge = 7,
                ChangesExceeded = 3,
                Entries = 11,
                Bytes = 1200,
                Rules = NoRules,
            },
            metrics.Snapshot(11, 1200, NoRules));
    }

    [Fact]
    public void The_meter_reports_the_values_of_the_snapshot()
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        using var metrics = CountEach();

        Assert.Equal(
            new Dictionary<string, double>(StringComparer.Ordinal)
            {
                ["unstale.cache.requests/hit"] = 2,
                ["unstale.cache.requests/stale"] = 1,
                ["unstale.cache.requests/untrusted"] = 4,
                ["unstale.cache.requests/miss"] = 3,
                ["unstale.cache.fail_safe"] = 3,
                ["unstale.cache.uncacheable"] = 2,
                ["unstale.cache.remote.hits"] = 1,
                ["unstale.cache.remote.confirmed"] = 1,
                ["unstale.cache.remote.refused"] = 2,
                ["unstale.cache.joins"] = 1,
                ["unstale.load.started"] = 2,
                ["unstale.load.untrusted"] = 1,
                ["unstale.load.failed"] = 1,
                ["unstale.load.waited/LoadLimit"] = 1,
                ["unstale.load.waited/PrefixLoadLimits[a:]"] = 0,
                ["unstale.load.rejected/LoadLimit"] = 2,
                ["unstale.load.rejected/PrefixLoadLimits[a:]"] = 1,
                ["unstale.load.refused"] = 1,
                ["unstale.cache.invalidated"] = 5,
                ["unstale.cache.evictions/size"] = 6,
                ["unstale.cache.evictions/age"] = 7,
                ["unstale.stale.prevented/load_refused"] = 1,
                ["unstale.stale.prevented/remote_refused"] = 2,
                ["unstale.stale.prevented/untrusted"] = 1,
                ["unstale.stale.prevented/removed_during_read"] = 3,
                ["unstale.stale.reported"] = 1,
                ["unstale.changes.exceeded/raised"] = 1,
                ["unstale.changes.exceeded/refused"] = 2,
                ["unstale.cache.entries"] = 11,
                ["unstale.cache.size"] = 1200,
            },
            listener.Read());
    }

    [Fact]
    public void A_loads_duration_is_measured_in_seconds_with_its_outcome()
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        using var metrics = CountEach();

        Assert.Equal(0.25, listener.Recorded()["unstale.load.duration/succeeded"]);
        Assert.Equal(2, listener.Recorded()["unstale.load.duration/failed"]);
        Assert.Equal("s", listener.Units["unstale.load.duration"]);
    }

    [Fact]
    public void Prevented_stale_values_are_the_sum_of_their_causes()
    {
        using var metrics = CountEach();

        Assert.Equal(1 + 2 + 1 + 3, metrics.Snapshot(11, 1200, NoRules).StalePrevented);
    }

    [Fact]
    public void Metrics_of_two_caches_are_separate()
    {
        using var other = new CacheMetrics(meters: null, "other " + _cache, () => (1, 1));
        using var listener = new Measurements("unstale.cache.name", "other " + _cache);
        using var metrics = CountEach();
        other.Miss();

        Assert.Equal(1, listener.Read()["unstale.cache.requests/miss"]);
        Assert.Equal(0, listener.Read()["unstale.cache.requests/hit"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_disposed_cache_reports_no_metrics(bool fromFactory)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var listener = new Measurements("unstale.cache.name", _cache);
        var metrics = CountEach(fromFactory ? services.GetRequiredService<IMeterFactory>() : null);
        Assert.NotEmpty(listener.Read());

        metrics.Dispose();

        Assert.Empty(listener.Read());
    }

    private CacheMetrics CountEach(IMeterFactory? meters = null)
    {
        var metrics = new CacheMetrics(meters, _cache, () => (11, 1200));
        metrics.Uncacheable();
        metrics.Uncacheable();
        for (var serve = 0; serve < 3; serve++)
            metrics.FailSafeServe("k");
        metrics.Hit();
        metrics.Hit();
        metrics.StaleServe();
        for (var i = 0; i < 4; i++)
            metrics.UntrustedServe();
        metrics.Miss();
        metrics.Miss();
        metrics.Miss();
        metrics.RemoteHit();
        metrics.RemoteConfirmed();
        metrics.RemoteRefused();
        metrics.RemoteRefused();
        metrics.Join();
        metrics.LoadStarted();
        metrics.LoadEnded(TimeSpan.FromMilliseconds(250), failed: false);
        metrics.LoadRefused();
        metrics.UntrustedLoad();
        metrics.LoadStarted();
        metrics.LoadEnded(TimeSpan.FromSeconds(2), failed: true);
        for (var i = 0; i < 3; i++)
            metrics.RemovedDuringRead();
        var limit = metrics.AddLimit("LoadLimit");
        limit.Waited();
        limit.Rejected();
        limit.Rejected();
        metrics.AddLimit("PrefixLoadLimits[a:]").Rejected();
        metrics.StaleReported();
        metrics.EntriesInvalidated(5);
        metrics.EvictedForSize(6);
        metrics.EvictedForAge(7);
        metrics.ChangeExceeded(ChangeGuardAction.Warn);
        metrics.ChangeExceeded(ChangeGuardAction.Refuse);
        metrics.ChangeExceeded(ChangeGuardAction.Refuse);
        return metrics;
    }
}
