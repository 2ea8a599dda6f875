using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Stale values that were prevented, and those that the application reports.</summary>
public sealed class StaleIncidentTests
{
    private readonly CapturedLog _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_that_finds_an_invalidated_value_is_counted_and_a_read_after_the_sweep_is_not()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", tags: ["t"], cancellationToken: Stop);
        await test.Cache.SetAsync("swept", "v", tags: ["t"], cancellationToken: Stop);
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        Assert.False(test.Cache.TryGet("k", out string _));
        test.Sweep();
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.False(test.Cache.TryGet("swept", out string _));

        var statistics = test.Cache.GetStatistics();
        Assert.Equal((1, 1), (statistics.RemovedDuringRead, statistics.StalePrevented));
    }

    [Fact]
    public async Task A_load_during_an_invalidation_is_a_prevented_stale_value()
    {
        await using var test = new CacheUnderTest();

        await test.Cache.GetOrCreateAsync(
            "k",
            async token =>
            {
                await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: token);
                return "old";
            },
            cancellationToken: Stop);

        Assert.Equal((1, 0), (test.Cache.GetStatistics().StalePrevented, test.Cache.GetStatistics().RemovedDuringRead));
    }

    [Fact]
    public async Task A_reported_stale_value_is_explained_once_a_minute_and_always_counted()
    {
        await using var test = NewTest();
        await test.Cache.SetAsync("user:1", "v", cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(3));

        test.Cache.ReportStale("user:1");
        await test.Invalidator.InvalidateKeyAsync("user:1", cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(59));
        test.Cache.ReportStale("user:1");

        var line = Assert.Single(_log.Texts(LogLevel.Warning));
        Assert.Contains("a stale value. 'user:1' is live; it was stored 3.0 s ago", line, StringComparison.Ordinal);
        Assert.Equal(2, test.Cache.GetStatistics().StaleReported);

        test.Clock.Advance(TimeSpan.FromSeconds(1));
        test.Cache.ReportStale("user:1");
        Assert.Equal(2, _log.Times("'user:1'"));
    }

    [Theory]
    [InlineData("", "key")]
    [InlineData(null, "key")]
    public async Task A_report_of_an_invalid_key_is_counted_and_does_not_throw(string? key, string reason)
    {
        await using var test = NewTest();

        test.Cache.ReportStale(key!);

        Assert.Equal(1, test.Cache.GetStatistics().StaleReported);
        Assert.Contains(reason, Assert.Single(_log.Texts(LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_after_the_end_of_the_cache_does_not_throw()
    {
        await using var test = NewTest();
        await test.Cache.DisposeAsync();

        test.Cache.ReportStale("k");

        Assert.Single(_log.Texts(LogLevel.Warning));
    }

    private CacheUnderTest NewTest() => new(services: services => services.AddLogging(logging => logging.AddProvider(_log)));
}
