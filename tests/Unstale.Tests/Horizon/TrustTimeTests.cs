using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Limits of the time in which a node may serve, and times of its confirmations.</summary>
public sealed class TrustTimeTests
{
    private const long Bound = 5_000;

    private readonly HorizonUnderTest _test = new(new HorizonSettings { StalenessBound = Bound });

    [Fact]
    public void The_time_that_a_cache_may_serve_beyond_the_bound_is_in_the_next_tail_and_in_force_once_that_is_answered()
    {
        Assert.Equal(_test.View.TrustedUntil, _test.View.ServedUntil);
        _test.Horizon.ServeBeyond(3_000);
        _test.Horizon.ServeBeyond(1_000);
        Assert.Equal(TimeSpan.FromMilliseconds(Bound + 3_000), _test.Horizon.NextTail().ServesFor);
        _test.Tail();
        Assert.Equal(_test.View.TrustedUntil + 3_000, _test.View.ServedUntil);
    }

    [Fact]
    public void A_node_that_left_its_generation_serves_nothing_beyond_the_bound()
    {
        _test.Horizon.ServeBeyond(3_000);
        _test.Tail();
        _test.Horizon.Tailed(new TailReply(TailState.Broken, _test.Generation, 0, 0, []), _test.Horizon.Snapshot(_test.Now));
        Assert.Equal(long.MinValue, _test.View.TrustedUntil);
        Assert.Equal(long.MinValue, _test.View.ServedUntil);
    }

    [Fact]
    public void A_local_log_is_served_for_ever()
    {
        var test = new HorizonUnderTest(new HorizonSettings { IsLocal = true });
        test.Horizon.ServeBeyond(3_000);
        test.Tail();
        Assert.Equal(long.MaxValue, test.View.ServedUntil);
    }

    [Fact]
    public void A_reset_node_is_cold_for_the_bound_from_its_confirmation()
    {
        _test.Now += 700;
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.Equal(_test.Now + Bound, _test.View.ColdUntil);
    }

    [Fact]
    public void A_replay_in_progress_does_not_change_the_time_of_the_last_confirmation()
    {
        var nothing = new HorizonUnderTest(adopted: false);
        Assert.Null(nothing.Horizon.LastConfirmed);
        var own = _test.Invalidate(InvalidationTarget.ForTag("t"));
        Assert.Equal(_test.Now, _test.Horizon.LastConfirmed);
        var before = _test.Now;
        _test.Now += 100;
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.Equal(before, _test.Horizon.LastConfirmed);
        Assert.True(_test.Acknowledge(own, _test.Log(own.Record)));
        Assert.Equal(_test.Now, _test.Horizon.LastConfirmed);
    }

    [Fact]
    public void Without_a_connection_memory_is_served_and_the_second_level_is_not_read()
    {
        Assert.True(_test.Begin("k").MayAskRemote);
        _test.Horizon.Disconnected();
        var load = _test.Begin("k");
        Assert.True(load.Trusted);
        Assert.False(load.MayAskRemote);
    }
}
