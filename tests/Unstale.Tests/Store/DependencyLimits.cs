using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Store;

/// <summary>Where recording ends: too much, another log, names that only marks have.</summary>
public sealed class DependencyLimits
{
    private readonly CapturedLog _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, true)]
    [InlineData(21, false)]
    public async Task A_value_that_is_made_from_too_much_is_returned_and_not_kept(int keys, bool isKept)
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        for (var i = 0; i < 2; i++)
        {
            var value = await test.Cache.GetOrCreateAsync("outer", token => MakeAsync(test, "a", keys), cancellationToken: Stop);
            Assert.Equal("made", value);
        }

        Assert.Equal(isKept, test.Cache.Inspect("a") is not null);
        Assert.False(test.Cache.TryGet("outer", out string _), "what it was made from is not all known, or one more than may be");
        Assert.Equal(1, _log.Times("MaximumDependencies is 20"));
    }

    [Fact]
    public async Task What_joins_a_load_of_too_much_is_not_kept_either()
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        var source = new Support.GatedSource();
        async ValueTask<string> Load(CancellationToken token)
        {
            await MakeAsync(test, "inner", 25);
            return await source.ReadAsync(token);
        }

        var first = test.Cache.GetOrCreateAsync("b", Load, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var joining = test.Cache.GetOrCreateAsync("a", async token => await test.Cache.GetOrCreateAsync("b", Load, cancellationToken: token), cancellationToken: Stop).AsTask();
        await Support.Eventually.Holds("the second joins", () => test.Cache.GetStatistics().Joins == 1);
        source[1].LetGo();
        await Task.WhenAll(first, joining);
        Assert.Null(test.Cache.Inspect("a"));
    }

    [Fact]
    public async Task A_cache_of_another_log_is_read_without_a_record_and_says_so_once()
    {
        await using var test = NewCache(services: s => s.AddUnstale("apart", o => o.Log = "other"));
        var apart = test.Services.GetRequiredKeyedService<UnstaleCache>("apart");
        await test.Cache.SetAsync("here", "v", cancellationToken: Stop);
        foreach (var key in new[] { "a", "b" })
        {
            await test.Cache.GetOrCreateAsync(
                key,
                async token => await apart.GetOrCreateAsync("x", async t => await test.Cache.GetOrCreateAsync("here", static _ => new ValueTask<string>("v"), cancellationToken: t), cancellationToken: token),
                cancellationToken: Stop);
        }

        Assert.Equal(["here"], test.Cache.Inspect("a")!.Dependencies);
        Assert.Empty(test.Cache.Inspect("b")!.Dependencies);
        Assert.Empty(apart.Inspect("x")!.Dependencies);
        Assert.Equal(1, _log.Times("Cache apart: a factory of cache default, which obeys another log, read it."));
        Assert.Equal(1, _log.Times("Cache default: a factory of cache apart, which obeys another log, read it."));
    }

    [Fact]
    public async Task Another_cache_of_the_log_is_recorded()
    {
        await using var test = NewCache(services: s => s.AddUnstale("beside"));
        var beside = test.Services.GetRequiredKeyedService<UnstaleCache>("beside");
        await test.Cache.GetOrCreateAsync("a", async token => await beside.GetOrCreateAsync("b", static _ => new ValueTask<string>("v"), cancellationToken: token), cancellationToken: Stop);
        await test.Cache.RemoveAsync("b", Stop);
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("a")!.State);
        Assert.Null(beside.Inspect("b"));
    }

    [Fact]
    public async Task A_tag_cannot_be_taken_for_a_mark()
    {
        await using var test = NewCache();
        var message = "A tag does not begin with U+0000: such names stand for the keys that a value was made from. Leave that character out. (Parameter 'tag')";
        Assert.Equal(message, (await Assert.ThrowsAsync<ArgumentException>(() => test.Cache.SetAsync("k", "v", tags: ["\0b"], cancellationToken: Stop).AsTask())).Message);
        Assert.Equal(message, (await Assert.ThrowsAsync<ArgumentException>(() => test.Cache.RemoveByTagAsync("\0b", Stop).AsTask())).Message);
        await test.Cache.SetAsync("\0b", "v", tags: ["b\0"], cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("\0b", out string _));
    }

    private CacheUnderTest NewCache(Action<UnstaleOptions>? configure = null, Action<IServiceCollection>? services = null) => new(configure, s =>
    {
        s.AddLogging(l => l.AddProvider(_log));
        services?.Invoke(s);
    });

    private static ValueTask<string> MakeAsync(CacheUnderTest test, string key, int keys) => test.Cache.GetOrCreateAsync(
        key,
        async _ =>
        {
            for (var i = 0; i < keys; i++)
                await test.Cache.GetOrCreateAsync($"b{i}", static _ => new ValueTask<string>("v"), cancellationToken: Stop);
            return "made";
        },
        cancellationToken: Stop);
}
