using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Loads with the <see cref="HybridCacheEntryContext"/> of HybridCache, by code without other types of the cache.</summary>
public sealed class HybridContextTests
{
    private static readonly HybridCacheEntryOptions TenMinutes = new() { Expiration = TimeSpan.FromMinutes(10), LocalCacheExpiration = TimeSpan.FromMinutes(5), LocalSize = 7 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<Type> Caches => [.. typeof(UnstaleCache).Assembly.GetTypes().Where(static t => t.IsSubclassOf(typeof(HybridCache)))];

    [Theory]
    [MemberData(nameof(Caches))]
    public void Every_virtual_member_of_HybridCache_is_overridden(Type cache)
    {
        var inherited = typeof(HybridCache).GetMethods().Where(static m => m.IsVirtual && m.DeclaringType == typeof(HybridCache));
        var overridden = cache.GetMethods().Where(static m => m.DeclaringType != typeof(HybridCache)).Select(static m => m.GetBaseDefinition()).ToHashSet();
        Assert.DoesNotContain(inherited, m => !overridden.Contains(m));
    }

    public static TheoryData<string, bool> Ways
    {
        get
        {
            var ways = new TheoryData<string, bool>();
            foreach (var kind in new[] { "string", "span", "interpolated", "stateless", "stateless span", "stateless interpolated" })
            {
                ways.Add(kind, false);
                ways.Add(kind, true);
            }

            return ways;
        }
    }

    /// <summary>Reads through one of the overloads with a context, of the cache or of a namespace.</summary>
    private static ValueTask<T> Read<T>(
        HybridCache cache, string kind, string key, Func<HybridCacheEntryContext, CancellationToken, ValueTask<T>> load, HybridCacheEntryOptions? options = null, string[]? tags = null) => kind switch
    {
        "string" => cache.GetOrCreateAsync(key, load, static (f, c, t) => f(c, t), options, tags, Stop),
        "span" => cache.GetOrCreateAsync(key.AsSpan(), load, static (f, c, t) => f(c, t), options, tags, Stop),
        "interpolated" => cache.GetOrCreateAsync($"{key}", load, static (f, c, t) => f(c, t), options, tags, Stop),
        "stateless" => cache.GetOrCreateAsync(key, load, options, tags, Stop),
        "stateless span" => cache.GetOrCreateAsync(key.AsSpan(), load, options, tags, Stop),
        _ => cache.GetOrCreateAsync($"{key}", load, options, tags, Stop),
    };

    private static HybridCache Within(UnstaleCache cache, bool inNamespace) => inNamespace ? cache.Namespace("n") : cache;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_value_whose_tag_or_key_is_invalidated_during_the_load_is_not_kept(string kind, bool inNamespace)
    {
        await using var test = new CacheUnderTest();
        var cache = Within(test.Cache, inNamespace);
        foreach (var byTag in new[] { true, false })
        {
            var source = 1;
            var read = new TaskCompletionSource();
            var go = new TaskCompletionSource();
            var running = Read(cache, kind, $"k{byTag}", async (_, _) =>
            {
                var seen = source;
                read.SetResult();
                await go.Task;
                return seen;
            }, tags: ["t"]);
            await read.Task;
            source = 2;
            if (byTag)
                await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            else
                await cache.RemoveAsync($"k{byTag}", Stop);
            go.SetResult();
            Assert.Equal(1, await running);
            Assert.Equal(2, await Read(cache, kind, $"k{byTag}", (_, _) => new ValueTask<int>(source), tags: ["t"]));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_load_runs_once_for_all_waiting_callers_and_appends_no_record(string kind, bool inNamespace)
    {
        await using var test = new CacheUnderTest();
        var cache = Within(test.Cache, inNamespace);
        var before = test.Cache.GetLogState().Position;
        var loads = 0;
        var go = new TaskCompletionSource();
        var reads = Enumerable.Range(0, 50).Select(_ => Read(cache, kind, "k", async (_, _) =>
        {
            Interlocked.Increment(ref loads);
            await go.Task;
            return 7;
        }).AsTask()).ToArray();
        go.SetResult();
        Assert.All(await Task.WhenAll(reads), static value => Assert.Equal(7, value));
        Assert.Equal(7, await Read(cache, kind, "k", (_, _) => new ValueTask<int>(8)));
        Assert.Equal(1, loads);
        Assert.Equal(before, test.Cache.GetLogState().Position);
    }

    [Fact]
    public async Task The_context_starts_with_the_options_in_effect_of_call_prefix_type_and_cache()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.DefaultExpiration = TimeSpan.FromMinutes(3);
            o.KeyPrefixes["p:"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(4), LocalExpiration = TimeSpan.FromMinutes(2), Flags = HybridCacheEntryFlags.DisableCompression };
            o.DataTypes["d"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(6) };
        });
        HybridCache cache = test.Cache;
        Assert.Equal((3, 3, HybridCacheEntryFlags.None, null), await SeenAsync("k", null));
        Assert.Equal((4, 2, HybridCacheEntryFlags.DisableCompression, null), await SeenAsync("p:1", null));
        Assert.Equal((6, 6, HybridCacheEntryFlags.None, null), await SeenAsync("d:1", null));
        Assert.Equal((10, 5, HybridCacheEntryFlags.None, 7), await SeenAsync("c", TenMinutes));

        ValueTask<(double Life, double Local, HybridCacheEntryFlags? Flags, long? Size)> SeenAsync(string key, HybridCacheEntryOptions? options) => cache.GetOrCreateAsync(
            key,
            static (HybridCacheEntryContext c, CancellationToken _) =>
                new ValueTask<(double, double, HybridCacheEntryFlags?, long?)>((c.Expiration!.Value.TotalMinutes, c.LocalCacheExpiration!.Value.TotalMinutes, c.Flags, c.LocalSize)),
            options);
    }

    [Theory]
    [InlineData(null, null, 600, 300)] // no change
    [InlineData(60d, null, 60, 60)] // memory holds no value beyond the whole lifetime
    [InlineData(1_200d, null, 1_200, 300)] // a local lifetime from the caller is unchanged
    [InlineData(null, 30d, 600, 30)]
    [InlineData(1_200d, 900d, 1_200, 900)]
    [InlineData(20d, 900d, 20, 20)]
    public async Task Lifetimes_set_by_the_load_apply_to_both_levels(double? life, double? local, int expectedLife, int expectedLocal)
    {
        await using var cluster = new TestCluster(1);
        await ((HybridCache)cluster.A.Cache).GetOrCreateAsync(
            "k",
            (HybridCacheEntryContext context, CancellationToken _) =>
            {
                context.Expiration = life is { } l ? TimeSpan.FromSeconds(l) : context.Expiration;
                context.LocalCacheExpiration = local is { } m ? TimeSpan.FromSeconds(m) : context.LocalCacheExpiration;
                return new ValueTask<string>("v");
            },
            TenMinutes,
            cancellationToken: Stop);
        Assert.Equal(expectedLocal, cluster.A.Cache.Inspect("k")!.ExpiresIn.TotalSeconds, 0.01);
        cluster.Advance(expectedLife - 1);
        var source = new Source();
        Assert.Equal("v", (await cluster.A.ReadAsync("k", source)).Value);
        cluster.Advance(1);
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", source)).Outcome);
    }

    [Fact]
    public async Task A_local_lifetime_that_is_not_set_follows_the_lifetime_set_by_the_load()
    {
        await using var test = new CacheUnderTest();
        await ((HybridCache)test.Cache).GetOrCreateAsync(
            "k",
            static (HybridCacheEntryContext context, CancellationToken _) =>
            {
                context.Expiration = TimeSpan.FromHours(1);
                return new ValueTask<string>("v");
            },
            cancellationToken: Stop);
        Assert.Equal(TimeSpan.FromHours(1), test.Cache.Inspect("k")!.ExpiresIn);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.None, true, 1)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite, false, 1)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheWrite, true, 0)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite, false, 0)]
    public async Task Flags_set_by_the_load_decide_which_level_stores_the_value(HybridCacheEntryFlags flags, bool inMemory, int remote)
    {
        await using var cluster = new TestCluster(1);
        await ((HybridCache)cluster.A.Cache).GetOrCreateAsync(
            "k",
            (HybridCacheEntryContext context, CancellationToken _) =>
            {
                context.Flags = flags;
                return new ValueTask<string>("v");
            },
            cancellationToken: Stop);
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(static d => d.Leases.Count == 0));
        Assert.Equal(inMemory, cluster.A.Holds("k"));
        Assert.Equal(remote, cluster.Server.Read(static d => d.Values.Count));
    }

    [Fact]
    public async Task Members_set_to_null_and_changes_after_the_load_have_no_effect()
    {
        await using var test = new CacheUnderTest();
        HybridCacheEntryContext? kept = null;
        await ((HybridCache)test.Cache).GetOrCreateAsync(
            "k",
            (HybridCacheEntryContext context, CancellationToken _) =>
            {
                kept = context;
                (context.Expiration, context.LocalCacheExpiration, context.Flags, context.LocalSize) = (null, null, null, null);
                return new ValueTask<string>("v");
            },
            TenMinutes,
            cancellationToken: Stop);
        kept!.Expiration = TimeSpan.FromSeconds(1);
        Assert.Equal(TimeSpan.FromMinutes(5), test.Cache.Inspect("k")!.ExpiresIn);
    }

    [Fact]
    public async Task A_background_refresh_uses_the_lifetime_that_the_load_sets()
    {
        await using var test = new CacheUnderTest(static o => o.KeyPrefixes["k"] = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromMinutes(1) });
        var loads = 0;
        ValueTask<int> ReadAsync() => ((HybridCache)test.Cache).GetOrCreateAsync(
            "k",
            (HybridCacheEntryContext context, CancellationToken _) =>
            {
                context.Expiration = TimeSpan.FromMinutes(20);
                return new ValueTask<int>(Interlocked.Increment(ref loads));
            },
            cancellationToken: Stop);
        Assert.Equal(1, await ReadAsync());
        test.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, await ReadAsync());
        await Eventually.Holds("the refresh is stored", () => test.Cache.TryGet("k", out int value) && value == 2);
        Assert.Equal(TimeSpan.FromMinutes(20), test.Cache.Inspect("k")!.ExpiresIn);
    }

    [Fact]
    public async Task The_load_context_also_sets_the_local_expiration_and_the_flags()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Cache.GetOrCreateAsync(
            "k",
            static (LoadContext context, CancellationToken _) =>
            {
                context.LocalExpiration = TimeSpan.FromSeconds(9);
                context.Flags = HybridCacheEntryFlags.DisableDistributedCacheWrite;
                return new ValueTask<string>("v");
            },
            cancellationToken: Stop);
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(static d => d.Leases.Count == 0));
        Assert.Equal(TimeSpan.FromSeconds(9), cluster.A.Cache.Inspect("k")!.ExpiresIn);
        Assert.Empty(cluster.Server.Read(static d => d.Values.Keys.ToArray()));
    }
}
