using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Reads that bypass the cache, in one flow of calls.</summary>
public sealed class BypassTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Reads => [.. AllReads.Keys];

    private static Dictionary<string, Func<UnstaleCache, Source, ValueTask<string>>> AllReads { get; } = new(StringComparer.Ordinal)
    {
        ["HybridCache, string"] = static (c, s) => ((HybridCache)c).GetOrCreateAsync("k7", s.LoadAsync),
        ["HybridCache, span"] = static (c, s) => ((HybridCache)c).GetOrCreateAsync("k7".AsSpan(), s.LoadAsync),
        ["HybridCache, interpolated"] = static (c, s) => ((HybridCache)c).GetOrCreateAsync($"k{7}", s.LoadAsync),
        ["string"] = static (c, s) => c.GetOrCreateAsync("k7", s.LoadAsync),
        ["string and state"] = static (c, s) => c.GetOrCreateAsync("k7", s, static (s, t) => s.LoadAsync(t)),
        ["span"] = static (c, s) => c.GetOrCreateAsync("k7".AsSpan(), s.LoadAsync),
        ["interpolated"] = static (c, s) => c.GetOrCreateAsync($"k{7}", s.LoadAsync),
        ["with context"] = static (c, s) => c.GetOrCreateAsync("k7", (_, t) => s.LoadAsync(t)),
        ["with info"] = static async (c, s) => (await c.GetOrCreateResultAsync("k7", (_, t) => s.LoadAsync(t))).Value,
    };

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Every_kind_of_read_in_a_bypass_scope_loads_each_time_and_stores_no_value(string how)
    {
        await using var cluster = new TestCluster(1);
        var cache = cluster.A.Cache;
        var source = new Source("kept");
        var read = AllReads[how];
        await read(cache, source);
        source.Value = "new";
        using (cache.BypassScope())
        {
            Assert.Equal("new", await read(cache, source));
            Assert.Equal("new", await read(cache, source));
        }

        Assert.Equal(3, source.Loads);
        Assert.Equal("kept", await read(cache, source));
        Assert.Equal(3, source.Loads);
    }

    [Fact]
    public async Task A_read_inside_a_bypass_scope_finds_no_value_in_either_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        var withoutSource = new UnstaleEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        using (cluster.B.Cache.BypassScope())
        {
            Assert.Equal(CacheOutcome.None, (await cluster.B.ReadAsync("k", source, withoutSource)).Outcome);
            Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", source)).Outcome);
        }

        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k", source)).Outcome);
        using (cluster.B.Cache.BypassScope())
        {
            Assert.False(cluster.B.Cache.TryGet("k", out string _));
            Assert.False(cluster.B.Cache.TryGet("k".AsSpan(), out string _));
        }

        Assert.True(cluster.B.Holds("k"));
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task A_load_in_a_scope_neither_joins_a_running_load_nor_is_joined_from_outside()
    {
        await using var test = new CacheUnderTest();
        var outside = new GatedSource { Value = "outside" };
        var inside = new GatedSource { Value = "inside" };
        var first = test.Cache.GetOrCreateAsync("k", outside.ReadAsync, cancellationToken: Stop).AsTask();
        await outside[1].BegunAsync();
        Task<string> second;
        using (test.Cache.BypassScope())
            second = test.Cache.GetOrCreateAsync("k", inside.ReadAsync, cancellationToken: Stop).AsTask();
        await inside[1].BegunAsync();
        var third = test.Cache.GetOrCreateAsync("k", inside.ReadAsync, cancellationToken: Stop).AsTask();
        inside[1].LetGo();
        Assert.Equal("inside", await second);
        outside[1].LetGo();
        Assert.Equal(["outside", "outside"], await Task.WhenAll(first, third));
        Assert.Equal(1, inside.Reads);
    }

    [Fact]
    public async Task Reads_of_a_factory_inside_a_bypass_scope_also_bypass_the_cache()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("part", "old", cancellationToken: Stop);
        using var scope = test.Cache.BypassScope();
        var value = await test.Cache.GetOrCreateAsync(
            "whole", async t => "of " + await test.Cache.GetOrCreateAsync("part", static _ => new ValueTask<string>("new"), cancellationToken: t), cancellationToken: Stop);
        Assert.Equal("of new", value);
    }

    [Fact]
    public async Task Bypass_scopes_nest_and_may_be_disposed_twice()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var outer = test.Cache.BypassScope();
        var inner = test.Cache.BypassScope();
        inner.Dispose();
        inner.Dispose();
        Assert.False(test.Cache.TryGet("k", out string _));
        outer.Dispose();
        outer.Dispose();
        Assert.True(test.Cache.TryGet("k", out string _));
        using (test.Cache.BypassScope())
            Assert.False(test.Cache.TryGet("k", out string _));
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task Bypass_scopes_closed_in_the_wrong_order_end_with_the_last_one()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var outer = test.Cache.BypassScope();
        var inner = test.Cache.BypassScope();
        outer.Dispose();
        Assert.False(test.Cache.TryGet("k", out string _));
        inner.Dispose();
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_bypass_scope_does_not_affect_other_flows_and_other_caches()
    {
        await using var one = new CacheUnderTest();
        await using var other = new CacheUnderTest();
        await one.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        await other.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var close = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var flow = Task.Run(
            async () =>
            {
                using var scope = one.Cache.BypassScope();
                opened.SetResult();
                await close.Task;
                return (one.Cache.TryGet("k", out string _), other.Cache.TryGet("k", out string _));
            },
            Stop);
        await opened.Task;
        Assert.Equal("kept", await one.Cache.GetOrCreateAsync("k", static ValueTask<string> (CancellationToken _) => throw new InvalidOperationException(), cancellationToken: Stop));
        Assert.True(one.Cache.TryGet("k", out string _));
        close.SetResult();
        Assert.Equal((false, true), await flow);
    }

    [Fact]
    public async Task Tasks_that_outlive_a_bypass_scope_read_from_the_cache_again()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> left;
        using (test.Cache.BypassScope())
        {
            left = Task.Run(
                async () =>
                {
                    await closed.Task;
                    return test.Cache.TryGet("k", out string _);
                },
                Stop);
        }

        var another = Task.Run(() => test.Cache.BypassScope(), Stop); // open in another flow
        using var scope = await another;
        closed.SetResult();
        Assert.True(await left);
    }

    [Fact]
    public async Task SetAsync_and_RemoveAsync_in_a_bypass_scope_change_the_cache()
    {
        await using var test = new CacheUnderTest();
        using (test.Cache.BypassScope())
            await test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal("set", value);
        using (test.Cache.BypassScope())
            await test.Cache.RemoveAsync("k", Stop);
        Assert.False(test.Cache.TryGet("k", out string _));
    }
}
