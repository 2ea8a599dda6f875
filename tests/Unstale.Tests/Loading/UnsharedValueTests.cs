using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>A value that callers may not share and that cannot be copied: each caller loads a separate one, and the loads are limited.</summary>
public sealed class UnsharedValueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Callers_that_joined_load_separate_values_a_few_at_a_time()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumUntrustedLoads = 4);
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 30).Select(_ => ReadAsync(test, "k", source)).ToArray();
        await Eventually.Holds("all but one have joined", () => test.Cache.GetStatistics().Joins == 29);
        source[1].LetGo();
        for (var i = 2; i <= 30; i++)
        {
            await source[Math.Min(i + 3, 30)].BegunAsync();
            Assert.InRange(source.Reads, 2, i + 3);
            source[i].LetGo();
        }

        Assert.Equal(30, (await Eventually.Ends("all end", Task.WhenAll(reads))).Distinct(ReferenceEqualityComparer.Instance).Count());
    }

    [Fact]
    public async Task A_caller_above_the_limit_of_waiting_loads_is_refused()
    {
        await using var test = new CacheUnderTest(static o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 1));
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 4).Select(_ => ReadAsync(test, "k", source)).ToArray();
        await Eventually.Holds("all but one have joined", () => test.Cache.GetStatistics().Joins == 3);
        source[1].LetGo();
        var refused = await Eventually.Ends("one is refused", Task.WhenAny(reads.Skip(1)));
        Assert.Equal(
            "Cache 'default' cannot share the value among its callers and reads from the source: 1 loads are running (MaximumUntrustedLoads) and 1 are waiting (UntrustedLoadsWaiting). Try again later, or raise the options.",
            (await Assert.ThrowsAsync<LoadRejectedException>(() => refused)).Message);
        source[2].LetGo();
        source[3].LetGo();
        await Eventually.Ends("the others end", Task.WhenAll(reads.Where(read => read != refused)));
    }

    [Fact]
    public async Task A_nested_load_reuses_the_slot_of_its_caller()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumUntrustedLoads = 1);
        var source = new GatedSource();
        Task<Func<string>> OuterAsync() => test.Cache.GetOrCreateAsync<Func<string>>(
            "outer", async _ => (await Task.WhenAll(ReadAsync(test, "inner", source), ReadAsync(test, "inner", source)))[0], cancellationToken: Stop).AsTask();
        Task<Func<string>>[] reads = [OuterAsync(), OuterAsync(), OuterAsync()];
        for (var i = 1; i <= 100; i++)
            source[i].LetGo();
        Assert.All(await Eventually.Ends("all end", Task.WhenAll(reads)), function => Assert.Equal("old", function()));
    }

    [Fact]
    public async Task A_failed_load_releases_its_slot()
    {
        await using var test = new CacheUnderTest(static o => o.MaximumUntrustedLoads = 1);
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 3).Select(_ => ReadAsync(test, "k", source)).ToArray();
        await Eventually.Holds("all but one have joined", () => test.Cache.GetStatistics().Joins == 2);
        source[1].LetGo();
        await source[2].BegunAsync();
        source[2].Fail(new InvalidDataException("away"));
        await source[3].BegunAsync();
        source[3].LetGo();
        await Eventually.Holds("all end", () => reads.All(static read => read.IsCompleted));
        Assert.Equal(1, reads.Count(static read => read.IsFaulted));
    }

    private static Task<Func<string>> ReadAsync(CacheUnderTest test, string key, GatedSource source) => test.Cache.GetOrCreateAsync<Func<string>>(
        key,
        async t =>
        {
            var value = await source.ReadAsync(t);
            return () => value;
        },
        cancellationToken: Stop).AsTask();
}
