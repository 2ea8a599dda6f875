using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class LoadJoinTests
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_load_is_joined_until_an_invalidation_of_its_key_or_tags_is_pending()
    {
        var load = _test.Begin("k", "t");
        _test.PushTag("other");
        Assert.True(MayJoin(load));
        _test.Raise(InvalidationTarget.ForTag("other"));
        Assert.True(MayJoin(load));
        _test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(MayJoin(load));
    }

    [Fact]
    public void Without_trust_a_load_is_joined_for_as_long_as_the_bound()
    {
        _test.Now += 10_000;
        var load = _test.Begin("k", "t");
        Assert.False(load.Trusted);
        _test.Now += 4_999;
        Assert.True(MayJoin(load));
        _test.Now += 1;
        Assert.False(MayJoin(load));
    }

    [Fact]
    public void A_load_is_not_joined_across_a_change_of_trust_or_a_new_epoch()
    {
        var load = _test.Begin("k", "t");
        _test.Now += 10_000;
        Assert.False(MayJoin(load));
        _test.LogTag("lost");
        _test.Tail();
        Assert.True(_test.IsTrusted);
        Assert.False(MayJoin(load));
    }

    [Fact]
    public void The_first_invalidation_since_the_load_began_is_found()
    {
        var load = _test.Begin("k", "t");
        _test.PushTag("other");
        Assert.Equal(RecentInvalidations.None, _test.Horizon.FirstMark(load, "k", ["t"]));
        _test.PushTag("t");
        var first = _test.Horizon.Tick;
        _test.PushTag("t");
        Assert.Equal(first, _test.Horizon.FirstMark(load, "k", ["t"]));
    }

    [Fact]
    public void A_ring_of_recent_invalidations_that_does_not_reach_back_reports_an_invalidation()
    {
        var ring = new RecentInvalidations();
        ring.Add(InvalidationTarget.ForTag("before"));
        var began = ring.Tick;
        for (var i = 0; i < 1024; i++)
            ring.Add(InvalidationTarget.ForTag("other"));
        Assert.Equal(RecentInvalidations.None, ring.First("k", ["t"], began));
        ring.Add(InvalidationTarget.ForTag("other"));
        Assert.Equal(began, ring.First("k", ["t"], began));
    }

    [Fact]
    public void A_ring_finds_each_of_the_newest_invalidations()
    {
        var ring = new RecentInvalidations();
        for (var i = 0; i < 3000; i++)
            ring.Add(InvalidationTarget.ForKey($"k{i}"));
        for (var i = 3000 - 1024; i < 3000; i++)
            Assert.Equal(i + 1, ring.First($"k{i}", [], 3000 - 1024));
    }

    private bool MayJoin(LoadTicket load)
    {
        var tags = _test.Horizon.Tags.Hold(["t"]);
        var may = _test.Horizon.MayJoin(load, "k", tags, _test.Now);
        _test.Horizon.Tags.Release(tags);
        return may;
    }
}
