using Xunit;

namespace Unstale.Tests.Invalidations;

/// <summary>Receipts of invalidations.</summary>
public sealed class ReceiptTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wait_for_the_reclaim_ends_at_the_disposal_of_the_services()
    {
        Task<long> swept;
        await using (var test = new CacheUnderTest())
        {
            var receipt = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            swept = receipt.WaitForReclaimAsync(Stop).AsTask();
            Assert.False(swept.IsCompleted);
        }

        Assert.Equal(0, await swept.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop));
    }

    [Fact]
    public async Task Positions_are_dense_and_of_one_generation()
    {
        await using var test = new CacheUnderTest();
        var first = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var second = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var third = await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.Equal(ReceiptState.Applied, first.State);
        Assert.Equal([1, 2, 3], [first.Position.Sequence, second.Position.Sequence, third.Position.Sequence]);
        Assert.True(first.Position.TryCompare(third.Position, out var order));
        Assert.True(order < 0);
        Assert.Equal(LogPositions.Of(second.Position), second.Positions);
        Assert.NotEqual(Generation.None, first.Position.Generation);
    }

    [Fact]
    public async Task Invalidated_keys_are_removed_at_once_and_counted()
    {
        await using var test = await LoadedAsync(10);
        var receipt = await test.Invalidator.InvalidateAsync(["k0", "k1", "k1", "unknown"], cancellationToken: Stop);
        Assert.Equal(2, receipt.LocalEntriesRemoved);
        Assert.Equal(8, test.Cache.GetStatistics().Entries);
        Assert.Equal(2, await receipt.WaitForReclaimAsync(Stop));
    }

    [Fact]
    public async Task The_reclaim_counts_entries_removed_by_keys_tags_and_patterns_of_one_call_together()
    {
        await using var test = await LoadedAsync(10);
        var receipt = await test.Invalidator.InvalidateAsync(["k0"], ["odd"], [new GlobPattern("k[0-3]")], cancellationToken: Stop);
        Assert.Equal(1, receipt.LocalEntriesRemoved);
        var swept = receipt.WaitForReclaimAsync(Stop).AsTask();
        Assert.False(swept.IsCompleted);
        Assert.Equal(3, Enumerable.Range(0, 10).Count(i => test.Cache.TryGet($"k{i}", out int _)));
        test.Sweep();
        Assert.Equal(7, await swept);
        Assert.Equal(7, await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal(3, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task An_entry_matched_by_several_invalidations_counts_for_the_oldest()
    {
        await using var test = await LoadedAsync(10);
        var odd = await test.Invalidator.InvalidateTagAsync("odd", cancellationToken: Stop);
        var low = await test.Invalidator.InvalidatePatternAsync(new RegexPattern("k[0-4]"), cancellationToken: Stop);
        var oddAgain = await test.Invalidator.InvalidateTagAsync("odd", cancellationToken: Stop);
        var all = await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        var none = await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        test.Sweep();
        var swept = new List<long>();
        foreach (var receipt in new[] { odd, low, oddAgain, all, none })
            swept.Add(await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal([5, 3, 0, 2, 0], swept);
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_sweep_follows_an_invalidation_after_a_hundred_milliseconds_without_a_read()
    {
        await using var test = await LoadedAsync(10);
        var receipt = await test.Invalidator.InvalidateTagAsync("even", cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(10, test.Cache.GetStatistics().Entries);
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(5, await receipt.WaitForReclaimAsync(Stop));
    }

    [Fact]
    public async Task Entries_stored_after_an_invalidation_are_not_swept()
    {
        await using var test = await LoadedAsync(4);
        var receipt = await test.Invalidator.InvalidateTagAsync("odd", cancellationToken: Stop);
        await test.Cache.SetAsync("k1", 1, tags: ["odd"], cancellationToken: Stop);
        test.Sweep();
        Assert.Equal(1, await receipt.WaitForReclaimAsync(Stop));
        Assert.True(test.Cache.TryGet("k1", out int _));
    }

    [Fact]
    public async Task A_wait_for_the_reclaim_can_be_cancelled()
    {
        await using var test = await LoadedAsync(1);
        var receipt = await test.Invalidator.InvalidateTagAsync("even", cancellationToken: Stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => receipt.WaitForReclaimAsync(new CancellationToken(canceled: true)).AsTask());
    }

    private static async Task<CacheUnderTest> LoadedAsync(int entries)
    {
        var test = new CacheUnderTest();
        for (var i = 0; i < entries; i++)
            await test.Cache.SetAsync($"k{i}", i, tags: [i % 2 == 0 ? "even" : "odd"], cancellationToken: Stop);
        return test;
    }
}
