using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Figures of the channel statistics.</summary>
public sealed class ChannelStatisticsTests
{
    [Fact]
    public void The_median_of_1_to_100_is_51_and_the_99th_percentile_is_100()
    {
        var statistics = new ChannelStatistics();
        foreach (var value in Enumerable.Range(1, 100).Reverse())
            statistics.RecordLatency(value);
        var figures = statistics.Snapshot();
        Assert.Equal((51, 100, 99), (figures.LatencyP50Ms, figures.LatencyP99Ms, figures.SlowCallbacks));
    }

    [Fact]
    public void Without_a_callback_latency_is_0()
    {
        var figures = new ChannelStatistics().Snapshot();
        Assert.Equal((0, 0), (figures.LatencyP50Ms, figures.LatencyP99Ms));
    }

    [Fact]
    public void Latency_percentiles_are_computed_from_the_newest_1000_values_only()
    {
        var statistics = new ChannelStatistics();
        for (var i = 0; i < 500; i++)
            statistics.RecordLatency(1_000_000);
        for (var i = 0; i < 1000; i++)
            statistics.RecordLatency(0.5);
        var figures = statistics.Snapshot();
        Assert.Equal((0.5, 0.5, 500), (figures.LatencyP50Ms, figures.LatencyP99Ms, figures.SlowCallbacks));
    }

    [Fact]
    public void Messages_and_failures_of_the_application_are_counted()
    {
        var statistics = new ChannelStatistics();
        statistics.RecordPublish();
        statistics.RecordReceive();
        statistics.RecordReceive();
        for (var failure = 0; failure < 3; failure++)
            statistics.RecordError();
        Assert.Equal(new ChannelCounters { Published = 1, Received = 2, Errors = 3 }, statistics.Snapshot());
    }

    [Fact]
    public void A_reset_sets_all_statistics_to_zero()
    {
        var statistics = new ChannelStatistics();
        statistics.RecordLatency(5);
        statistics.RecordPublish();
        statistics.Reset();
        Assert.Equal(new ChannelCounters(), statistics.Snapshot());
    }
}
