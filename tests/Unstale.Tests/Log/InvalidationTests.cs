using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Log;

public sealed class InvalidationTests
{
    private static readonly InvalidationCause First = new("first"), Second = new("second");

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(500, 10, 1)]
    [InlineData(501, 10, 2)]
    [InlineData(1_500, 10, 3)]
    [InlineData(16, 1_024, 1)]
    [InlineData(17, 1_024, 2)]
    [InlineData(3, 20_000, 3)]
    public void An_event_is_cut_into_records_at_500_targets_and_at_16_KB(int targets, int length, int records)
    {
        var all = Enumerable.Range(0, targets).Select(i => InvalidationTarget.ForKey(i.ToString().PadLeft(length, 'k'))).ToArray();
        var invalidation = SomeInvalidation.Of(all);
        var parts = invalidation.Parts();
        Assert.Equal(records, parts.Count);
        Assert.Equal(all, parts.SelectMany(part => part.Targets()));
        Assert.Equal(records == 1, invalidation.IsOneRecord);
    }

    [Fact]
    public void A_record_of_a_large_event_describes_its_own_targets()
    {
        var items = Enumerable.Range(0, 1_200).Select(i => new InvalidationItem(InvalidationTarget.ForKey($"k{i}"), i < 600 ? First : Second, Timing: InvalidationTiming.Lazy)).ToArray();
        var parts = SomeInvalidation.Of(items, "r").Parts();
        Assert.Equal(["500|first|", "100|first|\n400|second|", "200|second|"], parts.Select(part => part.Via));
        Assert.All(parts, part => Assert.Equal(("r", RecordFlags.Lazy), (part.Reason, part.Flags)));
        Assert.Equal(items.Select(item => item.Target), parts.SelectMany(part => part.Targets()));
        Assert.Equal(items.Select(item => item.Cause!.Entries), parts.SelectMany(part => part.Counters()!));
    }

    [Fact]
    public void More_than_10000_targets_of_one_rule_become_everything_with_the_origin_of_the_rule()
    {
        var items = Enumerable.Range(0, 10_001).Select(i => new InvalidationItem(InvalidationTarget.ForKey($"k{i}"), First)).ToArray();
        var everything = SomeInvalidation.Of(items, "why").Bounded();
        Assert.Equal([InvalidationTarget.Everything], everything.Targets());
        Assert.Equal(("1|first|", First.Entries, "why"), (everything.Via, Assert.Single(everything.Counters()!), everything.Reason));
        items[^1] = items[^1] with { Cause = null };
        Assert.Equal(default, SomeInvalidation.Of(items).Bounded().Items.Span[0] with { Target = default });
        Assert.Equal(10_000, SomeInvalidation.Of(items[..10_000]).Bounded().Count);
    }

    [Fact]
    public void Everything_keeps_a_chain_only_if_all_targets_share_it()
    {
        var items = Enumerable.Range(0, 10_001).Select(i => new InvalidationItem(InvalidationTarget.ForKey($"k{i}"), First, "a -> b")).ToArray();
        Assert.Equal("1|first|a -> b", SomeInvalidation.Of(items).Bounded().Via);
        items[5] = items[5] with { Chain = null };
        Assert.Equal("1|first|", SomeInvalidation.Of(items).Bounded().Via);
    }

    [Fact]
    public void Targets_are_separated_by_timing_in_their_order()
    {
        var all = SomeInvalidation.Of(Enum.GetValues<InvalidationTiming>().Concat(Enum.GetValues<InvalidationTiming>())
            .Select((timing, i) => new InvalidationItem(InvalidationTarget.ForTag($"{i}"), Timing: timing)));
        Assert.Equal(["0 4", "1 5", "2 6", "3 7"], all.ByTiming().Select(Names));
        Assert.Equal(
            [RecordFlags.None, RecordFlags.Lazy, RecordFlags.Lazy | RecordFlags.ServeStaleOnce, RecordFlags.None], all.ByTiming().Select(alike => alike.Flags));
        Assert.Equal(("0 1 2 4 5 6", "3 7"), (Names(all.Split().Now!), Names(all.Split().Later!)));
        Assert.False(all.IsOneRecord);
        var direct = all.At(InvalidationTiming.Lazy)! with { IsDirect = true };
        Assert.Equal(RecordFlags.Lazy | RecordFlags.DirectDependents, direct.Flags);
        Assert.Same(direct, direct.At(InvalidationTiming.Lazy));
        Assert.Null(direct.At(InvalidationTiming.Immediate));
        Assert.Null(direct.Split().Later);
        Assert.Null(all.At(InvalidationTiming.Batched)!.Split().Now);
    }

    [Fact]
    public void Keys_and_tags_longer_than_any_entry_can_carry_are_left_out()
    {
        var all = SomeInvalidation.Of(
            [InvalidationTarget.ForKey("1234"), InvalidationTarget.ForTag("12345"), InvalidationTarget.ForPattern(new GlobPattern("12345*")), InvalidationTarget.ForKey("12345")]);
        Assert.Equal("1234 12345*", Names(all.WithoutLongNames(4)!));
        Assert.Same(all, all.WithoutLongNames(5));
        Assert.Null(SomeInvalidation.Of([InvalidationTarget.ForTag("12345")]).WithoutLongNames(4));
    }

    [Fact]
    public void A_reason_has_no_half_of_a_character()
    {
        Assert.Equal("half \uFFFD", new Invalidation(InvalidationTarget.Everything, "half \uD800").Reason);
        Assert.Null(new Invalidation(InvalidationTarget.Everything, null).Reason);
    }

    [Fact]
    public void A_reason_has_at_most_512_bytes()
    {
        var invalidation = new Invalidation(InvalidationTarget.Everything, new string('r', 513));
        Assert.Equal(new string('r', 512), invalidation.Reason);
        Assert.Equal(new string('ы', 256), (invalidation with { Reason = new string('ы', 300) }).Reason);
    }

    [Fact]
    public void A_record_has_the_targets_reason_flags_and_origins_of_its_invalidation()
    {
        var items = new InvalidationItem[] { new(InvalidationTarget.ForTag("t"), First, "a -> t", InvalidationTiming.Lazy), new(InvalidationTarget.ForTag("u"), Timing: InvalidationTiming.Lazy) };
        var record = new InvalidationRecord(7, SomeInvalidation.Of(items, "why"), new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch, "trace");
        Assert.Equal((7, "why", "trace", RecordFlags.Lazy, "1|first|a -> t\n1||"), (record.Id, record.Reason, record.Trace, record.Flags, record.Via));
        Assert.Equal(items.Select(item => item.Target), record.Targets.ToArray());
        Assert.Null(SomeInvalidation.Of([InvalidationTarget.ForTag("t")]).Counters());
    }

    private static string Names(Invalidation invalidation) => string.Join(' ', invalidation.Targets().Select(target => target.Text));
}
