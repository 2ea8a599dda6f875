using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Records with <see cref="RecordFlags.Lazy"/>, and removals counted for each named target.</summary>
public sealed class LazyInvalidationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lazy_invalidation_is_in_force_at_once_and_reclaimed_by_the_next_regular_sweep()
    {
        await using var test = await LoadedAsync();
        await test.Node.RaiseAsync(RecordFlags.Lazy, InvalidationTarget.ForTag("t"), InvalidationTarget.ForPattern(new GlobPattern("b*")));
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("a0")!.State);
        test.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(6, test.Cache.GetStatistics().Entries);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((0, 6), (test.Cache.GetStatistics().Entries, test.Cache.GetStatistics().EntriesInvalidated));
    }

    [Fact]
    public async Task Waiting_for_the_reclaim_of_a_lazy_invalidation_starts_the_sweep()
    {
        await using var test = await LoadedAsync();
        var receipt = await test.Node.RaiseAsync(RecordFlags.Lazy, InvalidationTarget.ForTag("t"), InvalidationTarget.ForKey("b0"));
        test.Sweep();
        Assert.Equal((1, 5), (receipt.LocalEntriesRemoved, test.Cache.GetStatistics().Entries));
        var swept = receipt.WaitForReclaimAsync(Stop).AsTask();
        test.Sweep();
        Assert.Equal(4, await swept);
        Assert.Equal(2, test.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_sweep_for_another_invalidation_also_reclaims_earlier_lazy_ones()
    {
        await using var test = await LoadedAsync();
        var lazy = await test.Node.RaiseAsync(RecordFlags.Lazy, InvalidationTarget.ForTag("t"));
        var other = await test.Invalidator.InvalidatePatternAsync(new GlobPattern("*"), cancellationToken: Stop);
        test.Sweep();
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
        Assert.Equal((3, 3), (await lazy.WaitForReclaimAsync(Stop), await other.WaitForReclaimAsync(Stop)));
    }

    [Fact]
    public async Task A_read_reclaims_a_lazily_invalidated_entry_and_the_receipt_counts_the_entry()
    {
        await using var test = await LoadedAsync();
        var receipt = await test.Node.RaiseAsync(RecordFlags.Lazy, InvalidationTarget.ForTag("t"));
        Assert.False(test.Cache.TryGet("a0", out string _));
        Assert.False(test.Cache.TryGet("a0", out string _));
        Assert.Equal(5, test.Cache.GetStatistics().Entries);
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
            await test.Cache.GetOrCreateAsync<string>("a1", static _ => throw new InvalidDataException("away"), cancellationToken: Stop));
        Assert.Equal((4, 2), (test.Cache.GetStatistics().Entries, test.Cache.GetStatistics().EntriesInvalidated));
        var swept = receipt.WaitForReclaimAsync(Stop).AsTask();
        test.Sweep();
        Assert.Equal(3, await swept);
        Assert.Equal(3, test.Cache.GetStatistics().EntriesInvalidated);
    }

    [Fact]
    public async Task Each_removal_is_counted_for_the_cause_of_its_target()
    {
        await using var test = await LoadedAsync();
        var (pattern, keys) = (new InvalidationCause("pattern"), new InvalidationCause("keys"));
        InvalidationItem[] items =
        [
            new(InvalidationTarget.ForKey("a0"), keys), new(InvalidationTarget.ForKey("b0"), keys), new(InvalidationTarget.ForKey("absent"), keys),
            new(InvalidationTarget.ForTag("t")), new(InvalidationTarget.ForPattern(new GlobPattern("b*")), pattern),
        ];
        var receipt = await test.Node.ReceiptAsync(new Invalidation(items, null));
        Assert.Equal(2, keys.Entries.Value);
        Assert.False(test.Cache.TryGet("b1", out string _));
        test.Sweep();
        Assert.Equal(6, await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal((2, 2), (keys.Entries.Value, pattern.Entries.Value));
    }

    [Fact]
    public async Task The_records_of_a_large_event_count_entries_for_the_cause_of_each_target()
    {
        await using var test = await LoadedAsync();
        var (first, second) = (new InvalidationCause("first"), new InvalidationCause("second"));
        var items = Enumerable.Range(0, 1_000).Select(i => new InvalidationItem(InvalidationTarget.ForKey(i == 400 ? "a0" : i == 900 ? "b0" : $"absent{i}"), i < 500 ? first : second));
        var receipt = await test.Node.ReceiptAsync(SomeInvalidation.Of(items));
        Assert.Equal((1, 1, 2), (first.Entries.Value, second.Entries.Value, receipt.LocalEntriesRemoved));
    }

    [Fact]
    public async Task An_invalidation_widened_to_everything_counts_its_removals_for_the_cause_of_all_its_targets()
    {
        await using var test = await LoadedAsync();
        var cause = new InvalidationCause("all");
        await test.Node.ReceiptAsync(SomeInvalidation.Of(Enumerable.Range(0, 10_001).Select(i => new InvalidationItem(InvalidationTarget.ForKey($"absent{i}"), cause))));
        test.Sweep();
        Assert.Equal(6, cause.Entries.Value);
    }

    /// <summary>Creates a cache that holds a0, a1 and a2 with the tag t, and b0, b1 and b2 without.</summary>
    private static async Task<CacheUnderTest> LoadedAsync()
    {
        var test = new CacheUnderTest();
        for (var i = 0; i < 6; i++)
            await test.Cache.GetOrCreateAsync($"{(i < 3 ? 'a' : 'b')}{i % 3}", static _ => new ValueTask<string>("v"), tags: i < 3 ? ["t"] : [], cancellationToken: Stop);
        return test;
    }
}
