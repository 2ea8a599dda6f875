using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests;

/// <summary>Outcomes, metadata and statistics of reads.</summary>
public sealed class ReadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_loaded_once_and_again_after_its_tag_is_invalidated()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        ValueTask<string> Load(CancellationToken token) => new($"v{++loads}");
        Assert.Equal("v1", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        Assert.Equal("v1", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal("v2", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        Assert.Equal("v2", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
    }

    [Fact]
    public async Task Each_kind_of_read_reports_its_outcome()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var options = new UnstaleEntryOptions { FreshFor = TimeSpan.FromSeconds(1) };
        Task<CacheResult<string>> ReadAsync() => test.Cache.GetOrCreateResultAsync("k", source, static (s, _, t) => s.ReadAsync(t), options, cancellationToken: Stop).AsTask();
        var load = ReadAsync();
        await source[1].BegunAsync();
        var joined = ReadAsync();
        source[1].LetGo();
        Assert.Equal([CacheOutcome.Load, CacheOutcome.Joined], [(await load).Outcome, (await joined).Outcome]);
        Assert.Equal(CacheOutcome.Memory, (await ReadAsync()).Outcome);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CacheOutcome.Stale, (await ReadAsync()).Outcome);
        source[2].LetGo();
        var nothing = new UnstaleEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.Equal(CacheOutcome.None, (await test.Cache.GetOrCreateResultAsync("other", static (_, _) => new ValueTask<int>(1), nothing, cancellationToken: Stop)).Outcome);
    }

    [Fact]
    public async Task Inspect_follows_an_entry_through_its_states()
    {
        await using var test = new CacheUnderTest();
        Assert.Null(test.Cache.Inspect("k"));
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(20), FreshFor = TimeSpan.FromSeconds(5) };
        await test.Cache.SetAsync("k", "v", options, ["b", "a"], Stop);
        var info = test.Cache.Inspect("k")!;
        Assert.Equal(("k", EntryState.Live, 20.0, 5.0), (info.Key, info.State, info.ExpiresIn.TotalSeconds, info.FreshIn.TotalSeconds));
        Assert.Equal(["b", "a"], info.Tags);
        Assert.Equal(1, info.Position.Sequence);
        test.Clock.Advance(TimeSpan.FromSeconds(6));
        info = test.Cache.Inspect("k")!;
        Assert.Equal((EntryState.Stale, 14.0, 0.0), (info.State, info.ExpiresIn.TotalSeconds, info.FreshIn.TotalSeconds));
        test.Clock.Advance(TimeSpan.FromSeconds(15));
        info = test.Cache.Inspect("k")!;
        Assert.Equal((EntryState.Expired, 0.0, 0.0), (info.State, info.ExpiresIn.TotalSeconds, info.FreshIn.TotalSeconds));
        await test.Cache.SetAsync("k", "v", options, ["b", "a"], Stop);
        await test.Cache.RemoveByTagAsync("a", Stop);
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("k")!.State);
        test.Sweep();
        Assert.Null(test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task A_loaded_entry_is_true_as_of_the_position_before_its_load()
    {
        await using var test = new CacheUnderTest();
        var receipt = await test.Invalidator.InvalidateTagAsync("x", cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync(
            "k",
            async token =>
            {
                await test.Invalidator.InvalidateTagAsync("y", cancellationToken: token);
                return "v";
            },
            cancellationToken: Stop);
        Assert.Equal(receipt.Position, test.Cache.Inspect("k")!.Position);
    }

    [Fact]
    public async Task TryGet_finds_a_stored_entry_and_counts_neither_a_miss_nor_a_load()
    {
        await using var test = new CacheUnderTest();
        Assert.False(test.Cache.TryGet("k", out string value));
        Assert.Null(value);
        Assert.False(test.Cache.TryGet("", out int number));
        Assert.Equal(0, number);
        await test.Cache.SetAsync("k", "v", cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("key"[..1].AsSpan(), out value));
        Assert.Equal("v", value);
        await test.Cache.RemoveAsync("k", Stop);
        Assert.False(test.Cache.TryGet("k", out value));
        Assert.Null(value);
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((1, 0, 0), (statistics.Hits, statistics.Misses, statistics.Loads));
    }

    [Fact]
    public async Task The_statistics_of_hits_misses_loads_and_removals_are_consistent()
    {
        await using var test = new CacheUnderTest(o => o.MaximumEntries = 8);
        static ValueTask<int> Load(int value, CancellationToken token) => value < 0 ? throw new InvalidDataException() : new(value);
        for (var i = 0; i < 10; i++)
            await test.Cache.GetOrCreateAsync($"k{i}", i, Load, tags: [$"t{i}"], cancellationToken: Stop);
        for (var i = 0; i < 5; i++)
            await test.Cache.GetOrCreateAsync("k9", i, Load, cancellationToken: Stop);
        await Assert.ThrowsAsync<InvalidDataException>(() => test.Cache.GetOrCreateAsync("bad", -1, Load, cancellationToken: Stop).AsTask());
        await test.Cache.RemoveAsync("k9", Stop);
        await test.Cache.RemoveByTagAsync("t8", Stop);
        test.Sweep();
        await test.Cache.GetOrCreateAsync(
            "refused",
            async token =>
            {
                await test.Cache.RemoveAsync("refused", token);
                return 1;
            },
            cancellationToken: Stop);
        var statistics = test.Cache.GetStatistics();

        Assert.Equal("default", statistics.Name);
        Assert.Equal((5, 0, 12, 0), (statistics.Hits, statistics.StaleServes, statistics.Misses, statistics.Joins));
        Assert.Equal((12, 1, 1), (statistics.Loads, statistics.LoadFailures, statistics.LoadsRefused));
        Assert.Equal((2, 2, 0), (statistics.EntriesInvalidated, statistics.EvictedForSize, statistics.EvictedForAge));
        Assert.Equal(10 - 2 - 2, statistics.Entries);
        Assert.Equal(statistics.Misses, statistics.Loads + statistics.Joins + statistics.RemoteHits);
        Assert.Equal(5.0 / 17, statistics.HitRatio);
        Assert.True(statistics.Bytes > 0);
        await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        test.Sweep();
        statistics = test.Cache.GetStatistics();
        Assert.Equal((0, 0, 8), (statistics.Entries, statistics.Bytes, statistics.EntriesInvalidated));
    }

    [Fact]
    public async Task The_hit_ratio_of_an_unread_cache_is_zero()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal(0, test.Cache.GetStatistics().HitRatio);
    }
}
