using Xunit;

namespace Unstale.Tests.Node;

public sealed class ReclaimTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invalidated_entries_are_reclaimed_without_a_read()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "a:1", "t");
        await Load(test, "a:2", "t");
        await Load(test, "b:1", "u");
        await Load(test, "kept", "v");
        var tag = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await test.Invalidator.InvalidatePatternAsync(new GlobPattern("b*"), cancellationToken: Stop);
        Assert.Equal(4, test.Cache.GetStatistics().Entries);
        test.Sweep();
        Assert.Equal(2, await tag.WaitForReclaimAsync(Stop));
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((1, 3), (statistics.Entries, statistics.EntriesInvalidated));
        Assert.Equal(EntryState.Live, test.Cache.Inspect("kept")!.State);
    }

    [Fact]
    public async Task Expired_entries_are_reclaimed_without_a_read()
    {
        await using var test = new CacheUnderTest(o => o.DefaultExpiration = TimeSpan.FromSeconds(10));
        await Load(test, "short", "t");
        await test.Cache.SetAsync("long", "v", new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(5) }, ["t"], Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(2, test.Cache.GetStatistics().Entries);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((1, 1, 0), (statistics.Entries, statistics.EvictedForAge, statistics.EntriesInvalidated));
    }

    [Fact]
    public async Task An_entry_matched_by_several_invalidations_counts_for_the_oldest()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "a", "t", "u");
        var pattern = await test.Invalidator.InvalidatePatternAsync(new GlobPattern("a"), cancellationToken: Stop);
        var tag = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var everything = await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        test.Sweep();
        Assert.Equal((1, 0, 0), (await pattern.WaitForReclaimAsync(Stop), await tag.WaitForReclaimAsync(Stop), await everything.WaitForReclaimAsync(Stop)));
    }

    [Fact]
    public async Task An_entry_removed_by_a_read_before_the_sweep_counts_for_the_receipt_of_its_invalidation()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "a", "t");
        var first = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Load(test, "a", "t");
        var second = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        test.Sweep();
        Assert.Equal((1, 1), (await first.WaitForReclaimAsync(Stop), await second.WaitForReclaimAsync(Stop)));
        Assert.Equal(2, test.Cache.GetStatistics().EntriesInvalidated);
    }

    [Fact]
    public async Task A_key_is_reclaimed_at_once_and_counted_by_its_receipt()
    {
        await using var test = new CacheUnderTest();
        await Load(test, "a", "t");
        await Load(test, "b", "t");
        var receipt = await test.Invalidator.InvalidateAsync(keys: ["a", "absent"], tags: ["t"], cancellationToken: Stop);
        Assert.Equal(1, receipt.LocalEntriesRemoved);
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
        test.Sweep();
        Assert.Equal(2, await receipt.WaitForReclaimAsync(Stop));
    }

    private static async Task Load(CacheUnderTest test, string key, params string[] tags) =>
        Assert.Equal("v", await test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop));
}
