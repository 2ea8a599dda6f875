using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Limits of recording: too many dependencies, other logs, names reserved for marks.</summary>
public sealed class DependencyLimitTests
{
    private readonly CapturedLog _log = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(20, false)]
    [InlineData(21, true)]
    public async Task A_value_with_more_dependencies_than_the_maximum_depends_on_any_record_instead(int keys, bool isCollapsed)
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        for (var i = 0; i < 2; i++)
        {
            var value = await test.Cache.GetOrCreateAsync("outer", token => MakeAsync(test, "a", keys), cancellationToken: Stop);
            Assert.Equal("made", value);
        }

        var inner = test.Cache.Inspect("a")!;
        Assert.Equal((isCollapsed, isCollapsed ? 0 : 20), (inner.DependsOnAnyRecord, inner.Dependencies.Count));
        Assert.Equal(isCollapsed, (await test.Cache.ExplainAsync("a", cancellationToken: Stop)).DependsOnAnyRecord);
        Assert.True(test.Cache.TryGet("outer", out string _));
        Assert.True(test.Cache.Inspect("outer")!.DependsOnAnyRecord, "what it was made from is not all recorded, or one more than may be");
        Assert.Equal(1, _log.Times("MaximumDependencies is 20"));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("glob")]
    [InlineData("all of")]
    [InlineData("set")]
    [InlineData("change")]
    [InlineData("batch")]
    public async Task Any_later_record_invalidates_a_value_with_too_many_dependencies_and_its_dependents(string how)
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        await test.Cache.GetOrCreateAsync("whole", token => MakeAsync(test, "part", 25), tags: ["own"], cancellationToken: Stop);
        await test.Cache.SetAsync("beside", "v", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("whole", out string _), "a set is a record");
        await test.Cache.GetOrCreateAsync("whole", token => MakeAsync(test, "part", 25), tags: ["own"], cancellationToken: Stop);
        Assert.Equal(["own"], test.Cache.Inspect("whole")!.Tags);
        switch (how)
        {
            case "key": await test.Cache.RemoveAsync("nobody's", Stop); break;
            case "tag": await test.Cache.RemoveByTagAsync("nobody's", Stop); break;
            case "glob": await test.Invalidator.InvalidatePatternAsync(new GlobPattern("nobody*"), cancellationToken: Stop); break;
            case "all of": await test.Invalidator.InvalidateAsync(allOf: ["a", "b"], cancellationToken: Stop); break;
            case "set": await test.Cache.SetAsync("nobody's", 1, cancellationToken: Stop); break;
            case "change": await test.Invalidator.ChangedAsync("nobody", "1", cancellationToken: Stop); break;
            default:
                test.Invalidator.InvalidateLater(["nobody's"]);
                Assert.True(test.Cache.TryGet("whole", out string _), "the record is not there yet");
                await test.Invalidator.FlushAsync(Stop);
                break;
        }

        Assert.False(test.Cache.TryGet("whole", out string _));
        Assert.False(test.Cache.TryGet("part", out string _));
        Assert.True(test.Cache.TryGet("beside", out string _));
        test.Sweep();
        Assert.True(test.Cache.TryGet("b1", out string _));
    }

    [Fact]
    public async Task A_value_that_depends_on_any_record_is_not_stored_if_a_record_is_appended_during_its_load()
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        await test.Cache.GetOrCreateAsync(
            "a",
            async token =>
            {
                await test.Cache.RemoveAsync("nobody's", token);
                return await MakeAsync(test, "part", 25);
            },
            cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("a"));
        Assert.True(test.Cache.TryGet("part", out string _), "its load began later");
    }

    [Fact]
    public async Task A_scope_with_an_invalidation_does_not_read_a_value_that_depends_on_any_record()
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        await MakeAsync(test, "a", 25);
        using (test.Invalidator.BeginScope())
        {
            Assert.True(test.Cache.TryGet("a", out string _));
            await test.Cache.RemoveAsync("nobody's", Stop);
            Assert.False(test.Cache.TryGet("a", out string _));
        }

        Assert.True(test.Cache.TryGet("a", out string _), "nothing came of it");
    }

    [Fact]
    public async Task Declared_dependents_of_a_value_with_too_many_dependencies_are_invalidated_by_any_record()
    {
        await using var test = NewCache(o => o.MaximumDependencies = 20);
        await test.Cache.SetAsync("declared before", "v", cancellationToken: Stop);
        test.Cache.Rules.AddDependency("declared before", "a");
        test.Cache.Rules.AddDependency("declared after", "a");
        await MakeAsync(test, "a", 25);
        await test.Cache.GetOrCreateAsync("declared after", static _ => new ValueTask<string>("v"), cancellationToken: Stop);
        await test.Cache.RemoveAsync("nobody's", Stop);
        foreach (var key in new[] { "a", "declared before", "declared after" })
            Assert.False(test.Cache.TryGet(key, out string _), key);
    }

    [Theory]
    [InlineData(480)]
    [InlineData(505)]
    [InlineData(515)]
    [InlineData(600)]
    public async Task Memoised_recursion_loads_each_value_once(int n)
    {
        await using var test = NewCache();
        var loads = 0;
        ValueTask<double> FibonacciAsync(int m) => test.Cache.GetOrCreateAsync($"fib:{m}", m, async (q, _) =>
        {
            loads++;
            return q < 2 ? q : await FibonacciAsync(q - 1) + await FibonacciAsync(q - 2);
        });
        await FibonacciAsync(n);
        Assert.Equal(n + 1, loads);
    }

    [Fact]
    public async Task A_total_of_more_entries_than_are_recorded_is_loaded_once()
    {
        await using var test = NewCache();
        var loads = 0;
        ValueTask<int> ShopAsync(int region, int shop) => test.Cache.GetOrCreateAsync($"shop:{region}:{shop}", static _ => new ValueTask<int>(1), cancellationToken: Stop);
        async ValueTask<int> SumAsync(int count, Func<int, ValueTask<int>> part)
        {
            loads++;
            var sum = 0;
            for (var i = 0; i < count; i++)
                sum += await part(i);
            return sum;
        }

        ValueTask<int> RegionAsync(int region) => test.Cache.GetOrCreateAsync($"region:{region}", _ => SumAsync(30, shop => ShopAsync(region, shop)), cancellationToken: Stop);
        ValueTask<int> TotalAsync() => test.Cache.GetOrCreateAsync("total", _ => SumAsync(20, RegionAsync), cancellationToken: Stop);
        for (var i = 0; i < 50; i++)
            Assert.Equal(600, await TotalAsync());
        Assert.Equal(21, loads);
        await test.Cache.SetAsync("shop:3:4", 5, cancellationToken: Stop);
        Assert.Equal(604, await TotalAsync());
        Assert.Equal(23, loads);
    }

    [Fact]
    public async Task A_value_that_joins_a_load_with_too_many_dependencies_depends_on_any_record()
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
        Assert.True(test.Cache.Inspect("a")!.DependsOnAnyRecord);
    }

    [Fact]
    public async Task A_read_of_a_cache_of_another_log_records_no_dependency_and_is_logged_once()
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
        Assert.Equal(1, _log.Times("Cache apart: a factory of cache default, which uses another log, read this cache."));
        Assert.Equal(1, _log.Times("Cache default: a factory of cache apart, which uses another log, read this cache."));
    }

    [Fact]
    public async Task Dependencies_on_another_cache_of_the_same_log_are_recorded()
    {
        await using var test = NewCache(services: s => s.AddUnstale("beside"));
        var beside = test.Services.GetRequiredKeyedService<UnstaleCache>("beside");
        await test.Cache.GetOrCreateAsync("a", async token => await beside.GetOrCreateAsync("b", static _ => new ValueTask<string>("v"), cancellationToken: token), cancellationToken: Stop);
        await test.Cache.RemoveAsync("b", Stop);
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("a")!.State);
        Assert.Null(beside.Inspect("b"));
    }

    [Fact]
    public async Task A_tag_with_the_prefix_of_a_dependency_tag_is_refused()
    {
        await using var test = NewCache();
        var message = "The tag begins with U+0000, which is reserved for the keys that a value was made from. Remove the character. (Parameter 'tag')";
        Assert.Equal(message, (await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateTagAsync("\0b", cancellationToken: Stop).AsTask())).Message);
        await test.Cache.SetAsync("k", "v", tags: ["\0b"], cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("k"));
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
