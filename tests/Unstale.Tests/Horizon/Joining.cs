using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class Joining
{
    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_fill_is_joined_until_something_that_concerns_it_is_marked_or_becomes_pending()
    {
        var fill = _test.Begin("k", "t");
        _test.PushTag("other");
        Assert.True(MayJoin(fill));
        _test.Raise(InvalidationTarget.ForTag("other"));
        Assert.True(MayJoin(fill));
        _test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(MayJoin(fill));
    }

    [Fact]
    public void Without_trust_a_fill_is_joined_for_as_long_as_the_bound()
    {
        _test.Now += 10_000;
        var fill = _test.Begin("k", "t");
        Assert.False(fill.Trusted);
        _test.Now += 4_999;
        Assert.True(MayJoin(fill));
        _test.Now += 1;
        Assert.False(MayJoin(fill));
    }

    [Fact]
    public void A_fill_is_not_joined_across_a_change_of_trust_or_a_new_epoch()
    {
        var fill = _test.Begin("k", "t");
        _test.Now += 10_000;
        Assert.False(MayJoin(fill));
        _test.LogTag("lost");
        _test.Tail();
        Assert.True(_test.IsTrusted);
        Assert.False(MayJoin(fill));
    }

    [Fact]
    public void The_first_mark_since_the_fill_began_is_the_one_that_counts()
    {
        var fill = _test.Begin("k", "t");
        _test.PushTag("other");
        Assert.Equal(MarkRing.None, _test.Horizon.FirstMark(fill, "k", ["t"]));
        _test.PushTag("t");
        var first = _test.Horizon.Tick;
        _test.PushTag("t");
        Assert.Equal(first, _test.Horizon.FirstMark(fill, "k", ["t"]));
    }

    [Fact]
    public void A_ring_that_no_longer_reaches_back_says_so()
    {
        var ring = new MarkRing();
        ring.Add(InvalidationTarget.ForTag("before"));
        var began = ring.Tick;
        for (var i = 0; i < 1024; i++)
            ring.Add(InvalidationTarget.ForTag("other"));
        Assert.Equal(MarkRing.None, ring.First("k", ["t"], began));
        ring.Add(InvalidationTarget.ForTag("other"));
        Assert.Equal(began, ring.First("k", ["t"], began));
    }

    [Fact]
    public void A_ring_finds_each_of_the_newest_marks()
    {
        var ring = new MarkRing();
        for (var i = 0; i < 3000; i++)
            ring.Add(InvalidationTarget.ForKey($"k{i}"));
        for (var i = 3000 - 1024; i < 3000; i++)
            Assert.Equal(i + 1, ring.First($"k{i}", [], 3000 - 1024));
    }

    private bool MayJoin(FillTicket fill)
    {
        var tags = _test.Horizon.Tags.Hold(["t"]);
        var may = _test.Horizon.MayJoin(fill, "k", tags, _test.Now);
        _test.Horizon.Tags.Release(tags);
        return may;
    }
}
