using Unstale.Log;
using Unstale.Predicates;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Log;

public sealed class InvalidationBuilderTests
{
    [Fact]
    public void A_builder_is_reused_once_it_is_disposed_and_starts_empty()
    {
        var first = InvalidationBuilder.Rent();
        first.AddOnce(Tag("a"));
        first.Merge(new Invalidation(InvalidationTarget.ForTag("b"), "why"));
        using (var second = InvalidationBuilder.Rent())
            Assert.NotSame(first, second);
        first.Dispose();
        using var third = InvalidationBuilder.Rent();
        Assert.Same(first, third);
        third.AddOnce(Tag("a"));
        Assert.Equal(("a", null), (Names(third.ToInvalidation()), third.ToInvalidation().Reason));
    }

    [Fact]
    public void A_builder_that_has_grown_large_is_not_reused()
    {
        var large = InvalidationBuilder.Rent();
        for (var i = 0; i < 2_000; i++)
            large.Add(Tag($"{i}"));
        large.Dispose();
        using var next = InvalidationBuilder.Rent();
        Assert.NotSame(large, next);
    }

    [Fact]
    public void Merged_invalidations_name_each_target_once_with_every_reason_once()
    {
        using var builder = InvalidationBuilder.Rent();
        builder.Merge(SomeInvalidation.Of([Tag("a", InvalidationTiming.Lazy), Tag("b")], "one"));
        builder.Merge(SomeInvalidation.Of([Tag("b"), Tag("c")], "two"));
        builder.Merge(SomeInvalidation.Of([Tag("d")], "one"), InvalidationTiming.Batched);
        var merged = builder.ToInvalidation();
        Assert.Equal(("a b c d", "one; two"), (Names(merged), merged.Reason));
        Assert.Equal(
            [InvalidationTiming.Lazy, InvalidationTiming.Immediate, InvalidationTiming.Immediate, InvalidationTiming.Batched],
            merged.Items.ToArray().Select(item => item.Timing));
        Assert.Equal("given", builder.ToInvalidation("given").Reason);
    }

    /// <summary>Beside a row of its table, a tag concerns no predicate. The change without a row would otherwise be lost.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_change_of_a_table_without_a_row_survives_beside_a_change_with_a_row(bool isFirst)
    {
        var row = new InvalidationItem(InvalidationTarget.ForRow(new RowChange("products", RowOperation.Delete)));
        using var builder = InvalidationBuilder.Rent();
        if (isFirst)
            builder.Merge(SomeInvalidation.Of([Tag("products")], "bare"));
        builder.Merge(SomeInvalidation.Of([Tag("products"), Tag("orders"), row], "row"));
        Assert.Equal(isFirst, Names(builder.Detach()!).Contains("products any", StringComparison.Ordinal));
        builder.Merge(SomeInvalidation.Of([Tag("products")], "bare"));
        Assert.Equal(isFirst ? null : "products any", builder.Detach() is { } later ? Names(later) : null);
    }

    [Fact]
    public void A_later_invalidation_of_a_builder_contains_no_target_that_was_already_detached()
    {
        using var builder = InvalidationBuilder.Rent();
        builder.Merge(SomeInvalidation.Of([Tag("a"), Tag("b")], "one"));
        Assert.Equal("a b", Names(builder.Detach()!));
        builder.Merge(SomeInvalidation.Of([Tag("b"), Tag("c")], "two"));
        var later = builder.Detach()!;
        Assert.Equal(("c", "two"), (Names(later), later.Reason));
        builder.Merge(SomeInvalidation.Of([Tag("a")], "three"));
        Assert.Null(builder.Detach());
    }

    [Fact]
    public void Timings_are_set_from_an_index_on()
    {
        using var builder = InvalidationBuilder.Rent();
        builder.Add(Tag("a"));
        builder.Add(Tag("b"));
        builder.SetTiming(1, InvalidationTiming.Lazy);
        Assert.Equal([InvalidationTiming.Immediate, InvalidationTiming.Lazy], builder.Items.ToArray().Select(item => item.Timing));
    }

    [Fact]
    public void Each_target_keeps_its_first_item_of_the_earliest_timing()
    {
        var random = new Random(11);
        for (var run = 0; run < 2_000; run++)
        {
            var items = Enumerable.Range(0, random.Next(1, 12))
                .Select(i => new InvalidationItem(InvalidationTarget.ForTag($"{random.Next(4)}"), Chain: $"{i}", Timing: (InvalidationTiming)random.Next(4))).ToArray();
            using var builder = InvalidationBuilder.Rent();
            foreach (var item in items)
                builder.Add(item);
            builder.KeepEarliest();
            Assert.Equal(items.Where((item, i) => !items.Where((other, at) => other.Target == item.Target && Covers(other.Timing, at, item.Timing, i)).Any()), builder.ToArray());
        }
    }

    /// <summary>Whether one naming of a target makes another naming of the same target superfluous.</summary>
    private static bool Covers(InvalidationTiming one, int at, InvalidationTiming other, int otherAt) => (one, other) switch
    {
        _ when one == other => at < otherAt,
        (InvalidationTiming.Immediate, _) => true,
        (InvalidationTiming.Lazy, InvalidationTiming.ServeStaleOnce or InvalidationTiming.Batched) => true,
        _ => false,
    };

    private static InvalidationItem Tag(string tag, InvalidationTiming timing = InvalidationTiming.Immediate) => new(InvalidationTarget.ForTag(tag), Timing: timing);

    private static string Names(Invalidation invalidation) => string.Join(' ', invalidation.Targets().Select(target => target.Text));
}
