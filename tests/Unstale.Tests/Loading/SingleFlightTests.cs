using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

public sealed class SingleFlightTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_callers_on_a_cold_key_make_one_factory_call()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var callers = Enumerable.Range(0, 1_000)
            .Select(_ => Task.Run(() => test.Cache.GetOrCreateResultAsync("k", (_, stop) => source.ReadAsync(stop), cancellationToken: Stop).AsTask(), Stop))
            .ToList();
        await Eventually.Holds("all but one have joined", () => test.Cache.GetStatistics().Joins == 999);
        source[1].LetGo();

        var results = await Eventually.Ends("all callers get the value", Task.WhenAll(callers));
        Assert.All(results, r => Assert.Equal("old", r.Value));
        Assert.Single(results, r => r.Outcome == CacheOutcome.Load);
        Assert.Equal(999, results.Count(r => r.Outcome == CacheOutcome.Joined));
        Assert.Equal(1, source.Reads);
        var statistics = test.Cache.GetStatistics();
        Assert.Equal((1_000, 1, 999), (statistics.Misses, statistics.Loads, statistics.Joins));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_caller_that_missed_just_before_the_end_of_a_load_gets_the_value_stored_by_the_load(bool copied)
    {
        var clock = new MeddlingClock();
        await using var test = new CacheUnderTest(time: clock);
        var loads = 0;
        ValueTask<string[]> List(CancellationToken token) => new([$"{++loads}"]);
        ValueTask<string> Text(CancellationToken token) => new($"{++loads}");
        async Task<string> ReadAsync() => copied
            ? (await test.Cache.GetOrCreateAsync("k", List, cancellationToken: Stop))[0]
            : await test.Cache.GetOrCreateAsync("k", Text, cancellationToken: Stop);

        // The clock is read between the lookup that misses and the final one.
        clock.Next = () => Assert.Equal("1", ReadAsync().GetAwaiter().GetResult());
        Assert.Equal("1", await ReadAsync());
        Assert.Equal(1, loads);
    }

    [Fact]
    public async Task An_exception_is_thrown_to_every_waiting_caller_and_nothing_is_stored()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var callers = Enumerable.Range(0, 5)
            .Select(_ => test.Cache.GetOrCreateAsync("k", source.ReadAsync, tags: ["t"], cancellationToken: Stop).AsTask()).ToList();
        await source[1].BegunAsync();
        source[1].Fail(new InvalidDataException("broken"));

        foreach (var caller in callers)
            Assert.Equal("broken", (await Assert.ThrowsAsync<InvalidDataException>(() => caller)).Message);
        Assert.Null(test.Cache.Inspect("k"));
        Assert.Equal(1, test.Cache.GetStatistics().LoadFailures);

        source[2].LetGo();
        Assert.Equal("old", await test.Cache.GetOrCreateAsync("k", source.ReadAsync, tags: ["t"], cancellationToken: Stop));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task A_factory_that_throws_before_it_returns_a_task_fails_like_any_other()
    {
        await using var test = new CacheUnderTest();
        ValueTask<string> Throw(CancellationToken token) => throw new InvalidDataException("at once");
        Assert.Equal("at once", (await Assert.ThrowsAsync<InvalidDataException>(
            () => test.Cache.GetOrCreateAsync("k", Throw, cancellationToken: Stop).AsTask())).Message);
        Assert.Equal("v", await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), cancellationToken: Stop));
    }

    [Fact]
    public async Task Calls_of_another_type_have_a_load_of_their_own()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var text = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();

        Assert.Equal(7, await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(7), cancellationToken: Stop));
        source[1].LetGo();
        Assert.Equal("old", await text);
        Assert.True(test.Cache.TryGet("k", out string _));
        Assert.False(test.Cache.TryGet("k", out int _));
        Assert.Equal(8, await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(8), cancellationToken: Stop));
    }

    [Fact]
    public async Task Calls_share_a_load_only_if_their_flags_read_and_store_alike()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        Task<string> ReadAsync(HybridCacheEntryFlags flags) => test.Cache.GetOrCreateAsync(
            "k", source.ReadAsync, new UnstaleEntryOptions { Flags = flags }, cancellationToken: Stop).AsTask();
        var plain = ReadAsync(HybridCacheEntryFlags.None);
        await source[1].BegunAsync();
        var unkept = ReadAsync(HybridCacheEntryFlags.DisableLocalCacheWrite);
        await source[2].BegunAsync();
        var uncompressed = ReadAsync(HybridCacheEntryFlags.DisableCompression);
        Assert.Equal(2, source.Reads);

        source[1].LetGo();
        source[2].LetGo();
        await Eventually.Ends("all of them end", Task.WhenAll(plain, unkept, uncompressed));
        Assert.Equal(1, test.Cache.GetStatistics().Joins);
    }
}
