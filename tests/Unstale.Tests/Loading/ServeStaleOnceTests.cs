using System.Transactions;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Entries invalidated only by tags of records with <see cref="RecordFlags.ServeStaleOnce"/>.</summary>
public sealed class ServeStaleOnceTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromSeconds(45), FreshFor = TimeSpan.FromSeconds(10) };
    private static readonly CacheResult<string> Old = new("old", CacheOutcome.Stale);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Hard => [.. Taints.Keys];

    private static Dictionary<string, InvalidationTarget> Taints { get; } = new(StringComparer.Ordinal)
    {
        ["its key"] = InvalidationTarget.ForKey("k"),
        ["the same tag"] = InvalidationTarget.ForTag("t"),
        ["another tag"] = InvalidationTarget.ForTag("u"),
        ["a glob"] = InvalidationTarget.ForPattern(new GlobPattern("k*")),
        ["a regex"] = InvalidationTarget.ForPattern(new RegexPattern("k")),
        ["all of its tags"] = InvalidationTarget.ForAllOf(["t", "u"]),
        ["everything"] = InvalidationTarget.Everything,
    };

    [Fact]
    public async Task The_first_read_gets_the_old_value_and_all_others_wait_for_the_one_load_behind()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        Assert.Equal(Old, await InfoAsync(test, source));
        var later = Enumerable.Range(0, 20).Select(_ => InfoAsync(test, source).AsTask()).ToList();
        await source[2].BegunAsync();
        Assert.All(later, l => Assert.False(l.IsCompleted));
        source[2].LetGo();
        Assert.All(await Eventually.Ends("all are answered", Task.WhenAll(later)), r => Assert.Equal("new", r.Value));
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Memory), await InfoAsync(test, source));
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((2, 1, 1), (source.Reads, statistics.StaleServes, statistics.EntriesInvalidated));
    }

    [Fact]
    public async Task Only_one_of_many_concurrent_readers_gets_the_stale_value()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        source[2].LetGo();
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () => await InfoAsync(test, source), Stop)));
        Assert.Single(results, r => r == Old);
        Assert.Equal(49, results.Count(r => r.Value == "new"));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task A_copied_value_is_served_once_like_a_shared_one()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        ValueTask<List<int>> Load(CancellationToken token) => new([Interlocked.Increment(ref loads)]);
        await test.Cache.GetOrCreateAsync("k", Load, Options, ["t"], Stop);
        await test.Node.RaiseOnceAsync("t");
        Assert.Equal([1], await test.Cache.GetOrCreateAsync("k", Load, Options, ["t"], Stop));
        Assert.Equal([2], await test.Cache.GetOrCreateAsync("k", Load, Options, ["t"], Stop));
        Assert.Equal(2, loads);
    }

    [Theory]
    [MemberData(nameof(Hard))]
    public async Task An_entry_also_invalidated_without_ServeStaleOnce_is_not_served_in_either_order(string taint)
    {
        foreach (var isFirst in new[] { true, false })
        {
            await using var test = new CacheUnderTest();
            var source = await HeldAsync(test);
            if (!isFirst)
                await test.Node.RaiseOnceAsync("t");
            await test.Node.RaiseAsync(RecordFlags.None, Taints[taint]);
            if (isFirst)
                await test.Node.RaiseOnceAsync("t");
            source[2].LetGo();
            Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
        }
    }

    [Theory]
    [MemberData(nameof(Hard))]
    public async Task ServeStaleOnce_does_not_apply_to_targets_other_than_tags(string taint)
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseAsync(RecordFlags.ServeStaleOnce, InvalidationTarget.ForTag("t"), Taints[taint]);
        source[2].LetGo();
        var isTag = Taints[taint].Kind == TargetKind.Tag;
        Assert.Equal(isTag ? Old : new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
    }

    [Fact]
    public async Task An_entry_that_expires_before_its_stale_read_is_removed_by_the_sweep()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test, new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(45) });
        var receipt = await test.Node.RaiseOnceAsync("t");
        test.Sweep();
        Assert.Equal((1, 0), (await receipt.WaitForReclaimAsync(Stop), test.Cache.GetStatistics().Entries));
        source[2].LetGo();
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
    }

    [Fact]
    public async Task An_expired_entry_is_not_served()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        test.Clock.Advance(TimeSpan.FromSeconds(45));
        source[2].LetGo();
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
    }

    [Fact]
    public async Task A_sweep_keeps_an_entry_for_its_stale_read_and_counts_the_entry_once()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        var first = await test.Node.RaiseOnceAsync("t");
        test.Sweep();
        var second = await test.Node.RaiseOnceAsync("u");
        test.Sweep();
        Assert.Equal((1, 0), (await first.WaitForReclaimAsync(Stop), await second.WaitForReclaimAsync(Stop)));
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("k")!.State);
        Assert.Equal(Old, await InfoAsync(test, source));
        Assert.Null(test.Cache.Inspect("k"));
        Assert.Equal(1, test.Cache.GetStatistics().EntriesInvalidated);
    }

    [Fact]
    public async Task A_sweep_after_a_hard_invalidation_removes_a_ServeStaleOnce_entry_without_counting_it_again()
    {
        await using var test = new CacheUnderTest();
        await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        test.Sweep();
        var hard = await test.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);
        test.Sweep();
        Assert.Equal(0, await hard.WaitForReclaimAsync(Stop));
        Assert.Equal((0, 1), (test.Cache.GetStatistics().Entries, test.Cache.GetStatistics().EntriesInvalidated));
    }

    [Fact]
    public async Task TryGet_bypass_reads_without_a_load_and_transactions_do_not_use_up_the_stale_value()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        source[2].LetGo();
        source[3].LetGo();
        Assert.False(test.Cache.TryGet("k", out string _));
        using (test.Cache.BypassScope())
            Assert.Equal(CacheOutcome.Load, (await InfoAsync(test, source)).Outcome);
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            Assert.Equal(CacheOutcome.Load, (await InfoAsync(test, source)).Outcome);
        Assert.Equal(CacheOutcome.None, (await InfoAsync(test, source, new UnstaleEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData })).Outcome);
        Assert.Equal(Old, await InfoAsync(test, source));
    }

    [Fact]
    public async Task A_value_derived_from_a_stale_value_is_returned_and_not_stored()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        await test.Node.RaiseOnceAsync("t");
        ValueTask<string> Outer(CancellationToken token) => OuterAsync();
        async ValueTask<string> OuterAsync() => "from " + (await InfoAsync(test, source)).Value;
        Assert.Equal("from old", await test.Cache.GetOrCreateAsync("outer", Outer, Options, cancellationToken: Stop));
        Assert.Null(test.Cache.Inspect("outer"));
        source[2].LetGo();
        Assert.Equal("from new", await test.Cache.GetOrCreateAsync("outer", Outer, Options, cancellationToken: Stop));
        Assert.NotNull(test.Cache.Inspect("outer"));
    }

    [Fact]
    public async Task A_refresh_that_began_before_the_record_does_not_replace_the_load_of_the_stale_read()
    {
        await using var test = new CacheUnderTest();
        var source = await HeldAsync(test);
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(Old, await InfoAsync(test, source));
        await source[2].BegunAsync();
        await test.Node.RaiseOnceAsync("t");
        Assert.Equal(Old, await InfoAsync(test, source));
        await source[3].BegunAsync();
        source[3].LetGo();
        await Eventually.Holds("the new value is held", () => test.Cache.Inspect("k") is { State: EntryState.Live });
        source[2].LetGo();
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Memory), await InfoAsync(test, source));
    }

    /// <summary>Stores "old" from a source that now returns "new".</summary>
    private static async Task<GatedSource> HeldAsync(CacheUnderTest test, UnstaleEntryOptions? options = null)
    {
        var source = new GatedSource();
        source[1].LetGo();
        Assert.Equal(new CacheResult<string>("old", CacheOutcome.Load), await InfoAsync(test, source, options));
        source.Value = "new";
        return source;
    }

    private static ValueTask<CacheResult<string>> InfoAsync(CacheUnderTest test, GatedSource source, UnstaleEntryOptions? options = null) =>
        test.Cache.GetOrCreateResultAsync("k", (_, stop) => source.ReadAsync(stop), options ?? Options, ["t", "u"], Stop);
}
