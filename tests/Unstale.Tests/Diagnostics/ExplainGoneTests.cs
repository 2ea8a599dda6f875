using Xunit;

namespace Unstale.Tests.Diagnostics;

/// <summary>Explanations of values that are no longer held.</summary>
public sealed class ExplainGoneTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_explanation_of_an_entry_removed_by_key_still_uses_its_tags()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "t");
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", "why", Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(3));
        await test.Invalidator.InvalidateTagAsync("t", "later", Stop);
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, "t"), (found.State, Assert.Single(found.Tags)));
        Assert.Equal((RemovalCause.Invalidated, TimeSpan.FromSeconds(3), 0), (found.Removed!.Cause, found.Removed.Ago, found.Removed.Position!.Value.Sequence));
        Assert.Equal((receipt.Position, "why"), (found.TakenBy!.Position, found.TakenBy.Reason));
        Assert.Equal(["later", "why"], found.Recent.Select(record => record.Reason));
        Assert.StartsWith("'k' is not cached: its last value was removed 3.0 s ago by key 'k', because of 'why', raised by ", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_removed_by_a_sweep_is_explained_by_the_record_that_invalidated_it()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateTagAsync("t", "why", Stop);
        test.Sweep();
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, RemovalCause.Invalidated, "why"), (found.State, found.Removed!.Cause, found.TakenBy!.Reason));
    }

    [Fact]
    public async Task An_entry_removed_by_a_read_is_explained_by_its_invalidation()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "t");
        await test.Invalidator.InvalidateTagAsync("t", "why", Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, RemovalCause.Invalidated, "why"), (found.State, found.Removed!.Cause, found.TakenBy!.Reason));
    }

    [Fact]
    public async Task An_expired_entry_is_not_explained_by_a_later_invalidation()
    {
        await using var test = new CacheUnderTest(o => o.DefaultExpiration = TimeSpan.FromSeconds(10));
        await LoadAsync(test, "k", "t");
        test.Clock.Advance(TimeSpan.FromSeconds(31));
        await test.Invalidator.InvalidateTagAsync("t", "later", Stop);
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, RemovalCause.Expired, null), (found.State, found.Removed!.Cause, found.TakenBy));
        Assert.Equal(["later"], found.Recent.Select(record => record.Reason));
        Assert.Equal("'k' is not cached: its last value expired and was removed 1.0 s ago.", found.ToString());
    }

    [Fact]
    public async Task An_entry_removed_to_limit_the_size_is_explained_as_evicted()
    {
        await using var test = new CacheUnderTest(o => o.MaximumEntries = 1);
        await LoadAsync(test, "k", "t");
        await LoadAsync(test, "other");
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Absent, RemovalCause.EvictedForSize, null), (found.State, found.Removed!.Cause, found.TakenBy));
        Assert.Equal("'k' is not cached: its last value was evicted 0.0 s ago to limit the size of the cache.", found.ToString());
    }

    [Fact]
    public async Task A_valid_value_replaced_by_a_set_leaves_only_the_record_of_the_set()
    {
        await using var test = new CacheUnderTest();
        await LoadAsync(test, "k", "t");
        await test.Cache.SetAsync("k", "v2", tags: ["u"], cancellationToken: Stop);
        var found = await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        Assert.Equal((EntryState.Live, "u", null), (found.State, Assert.Single(found.Tags), found.TakenBy));
        Assert.Equal("set", Assert.Single(found.Recent).Reason);
    }

    [Fact]
    public async Task At_most_RecentRemovals_removals_are_kept_and_the_newest_of_a_key_counts()
    {
        await using var test = new CacheUnderTest(o => o.RecentRemovals = 2);
        await RemoveAsync(test, "a", "first");
        await RemoveAsync(test, "a", "second");
        Assert.Equal("second", (await test.Cache.ExplainAsync("a", cancellationToken: Stop)).TakenBy!.Reason);
        await RemoveAsync(test, "b", "third");
        await RemoveAsync(test, "c", "fourth");
        Assert.Null((await test.Cache.ExplainAsync("a", cancellationToken: Stop)).Removed);
        Assert.Equal("third", (await test.Cache.ExplainAsync("b", cancellationToken: Stop)).TakenBy!.Reason);
        Assert.Equal("fourth", (await test.Cache.ExplainAsync("c", cancellationToken: Stop)).TakenBy!.Reason);
    }

    private static async Task RemoveAsync(CacheUnderTest test, string key, string reason)
    {
        await LoadAsync(test, key);
        await test.Invalidator.InvalidateKeyAsync(key, reason, Stop);
    }

    private static ValueTask<string> LoadAsync(CacheUnderTest test, string key, params string[] tags) =>
        test.Cache.GetOrCreateAsync(key, static _ => new ValueTask<string>("v"), tags: tags, cancellationToken: Stop);
}
