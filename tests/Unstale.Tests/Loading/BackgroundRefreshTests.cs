using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Values older than their <see cref="UnstaleEntryOptions.FreshFor"/>.</summary>
public sealed class BackgroundRefreshTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromSeconds(45), FreshFor = TimeSpan.FromSeconds(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_old_value_is_served_at_once_and_one_refresh_runs_at_a_time()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test);
        for (var i = 0; i < 20; i++)
            Assert.Equal(new CacheResult<string>("old", CacheOutcome.Stale), await InfoAsync(test, source));
        await source[2].BegunAsync();
        Assert.Equal(2, source.Reads);
        Assert.Equal(20, test.Cache.GetStatistics().StaleServes);

        source[2].LetGo();
        await Eventually.Holds("the refresh has ended", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Memory), await InfoAsync(test, source));
        Assert.Equal(2, source.Reads);
        Assert.Equal(45, test.Cache.Inspect("k")!.ExpiresIn.TotalSeconds);
    }

    [Fact]
    public async Task A_value_is_stale_exactly_from_the_end_of_its_freshness()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test, TimeSpan.FromMilliseconds(9_999));
        Assert.Equal(CacheOutcome.Memory, (await InfoAsync(test, source)).Outcome);
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(CacheOutcome.Stale, (await InfoAsync(test, source)).Outcome);
    }

    [Fact]
    public async Task A_refresh_that_fails_keeps_the_old_value_and_a_read_after_a_pause_tries_again()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test);
        await InfoAsync(test, source);
        source[2].Fail(new InvalidDataException("away"));
        await Eventually.Holds("the refresh has failed", () => test.Cache.GetStatistics().LoadFailures == 1);
        await Eventually.Holds(
            "a read tries again", () => source.Reads == 3, () =>
            {
                test.Clock.Advance(TimeSpan.FromSeconds(1));
                Assert.True(InfoAsync(test, source).AsTask() is { Result.Value: "old" });
            });
        source[3].LetGo();
        await Eventually.Holds("the second refresh has ended", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        Assert.Equal("new", (await InfoAsync(test, source)).Value);
    }

    [Fact]
    public async Task A_value_past_its_expiration_is_not_served_but_loaded()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test, TimeSpan.FromSeconds(45));
        source[2].LetGo();
        Assert.Equal(EntryState.Expired, test.Cache.Inspect("k")!.State);
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
    }

    [Fact]
    public async Task A_copied_value_is_refreshed_like_a_shared_one()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        ValueTask<List<int>> Load(CancellationToken token) => new([Interlocked.Increment(ref loads)]);
        await test.Cache.GetOrCreateAsync("k", Load, Options, cancellationToken: Stop);
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal([1], await test.Cache.GetOrCreateAsync("k", Load, Options, cancellationToken: Stop));
        await Eventually.Holds("the refresh has ended", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        Assert.Equal([2], await test.Cache.GetOrCreateAsync("k", Load, Options, cancellationToken: Stop));
        Assert.Equal(2, loads);
    }

    [Fact]
    public async Task An_invalidated_value_is_never_served_however_stale_it_may_be_served()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test);
        await test.Cache.RemoveByTagAsync("t", Stop);
        source[2].LetGo();
        Assert.Equal(new CacheResult<string>("new", CacheOutcome.Load), await InfoAsync(test, source));
    }

    [Fact]
    public async Task TryGet_serves_a_stale_value_and_starts_nothing()
    {
        await using var test = new CacheUnderTest();
        var source = await StaleAsync(test);
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal("old", value);
        Assert.Equal(EntryState.Stale, test.Cache.Inspect("k")!.State);
        Assert.Equal(1, test.Cache.GetStatistics().Loads);
        Assert.Equal(1, source.Reads);
    }

    /// <summary>Creates a cache that holds "old", read <paramref name="age"/> ago (default: 11 seconds), from a source that now returns "new".</summary>
    private static async Task<GatedSource> StaleAsync(CacheUnderTest test, TimeSpan? age = null)
    {
        var source = new GatedSource();
        source[1].LetGo();
        Assert.Equal(new CacheResult<string>("old", CacheOutcome.Load), await InfoAsync(test, source));
        test.Clock.Advance(age ?? TimeSpan.FromSeconds(11));
        source.Value = "new";
        return source;
    }

    private static ValueTask<CacheResult<string>> InfoAsync(CacheUnderTest test, GatedSource source) =>
        test.Cache.GetOrCreateResultAsync("k", (_, stop) => source.ReadAsync(stop), Options, ["t"], Stop);
}
