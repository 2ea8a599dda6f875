using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Unstale.Tests;

/// <summary>Code written for <see cref="HybridCache"/> alone.</summary>
public sealed class HybridCacheDropInTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cache_is_resolved_from_the_services_under_each_of_its_types()
    {
        await using var test = new CacheUnderTest();
        Assert.Same(test.Cache, test.Services.GetRequiredService<HybridCache>());
        Assert.Same(test.Invalidator, test.Services.GetRequiredService<IInvalidator>());
    }

    [Fact]
    public async Task Every_kind_of_key_finds_the_same_entry()
    {
        await using var test = new CacheUnderTest();
        HybridCache cache = test.Cache;
        var id = 7;
        var loads = 0;
        ValueTask<string> Load(CancellationToken token) => new($"v{++loads}");
        ValueTask<string> LoadState(string state, CancellationToken token) => new($"{state}{++loads}");

        Assert.Equal("v1", await cache.GetOrCreateAsync($"product:{id}", Load, cancellationToken: Stop));
        Assert.Equal("v1", await cache.GetOrCreateAsync("product:7", Load, cancellationToken: Stop));
        Assert.Equal("v1", await cache.GetOrCreateAsync("product:7".AsSpan(), Load, cancellationToken: Stop));
        Assert.Equal("v1", await cache.GetOrCreateAsync($"product:{id}", "s", LoadState, cancellationToken: Stop));
        Assert.Equal("v1", await cache.GetOrCreateAsync("product:7", "s", LoadState, cancellationToken: Stop));
        Assert.Equal("v1", await cache.GetOrCreateAsync("product:7".AsSpan(), "s", LoadState, cancellationToken: Stop));
        Assert.Equal(1, loads);
        await cache.RemoveAsync("product:7", Stop);
        Assert.Equal("s2", await cache.GetOrCreateAsync("product:7".AsSpan(), "s", LoadState, cancellationToken: Stop));
    }

    [Fact]
    public async Task Every_overload_of_GetOrCreateAsync_loads_and_finds_the_same_entry()
    {
        await using var test = new CacheUnderTest();
        var options = new UnstaleEntryOptions { FreshFor = TimeSpan.FromMinutes(1) };
        var id = 7;
        var loads = 0;
        ValueTask<string> Plain(CancellationToken token) => new($"v{++loads}");
        ValueTask<string> State(string state, CancellationToken token) => new($"{state}{++loads}");
        ValueTask<string> Context(LoadContext context, CancellationToken token) => new($"c{++loads}");
        ValueTask<string> Both(string state, LoadContext context, CancellationToken token) => new($"{state}{++loads}");
        Func<ValueTask<string>>[] overloads =
        [
            () => test.Cache.GetOrCreateAsync("k:7", Plain, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7", "s", State, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7", Context, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7", "b", Both, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7".AsSpan(), Plain, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7".AsSpan(), "s", State, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7".AsSpan(), Context, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync("k:7".AsSpan(), "b", Both, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync($"k:{id}", Plain, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync($"k:{id}", "s", State, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync($"k:{id}", Context, options, cancellationToken: Stop),
            () => test.Cache.GetOrCreateAsync($"k:{id}", "b", Both, options, cancellationToken: Stop),
        ];
        var made = new List<string>();
        foreach (var load in overloads)
        {
            await test.Cache.RemoveAsync("k:7", Stop);
            made.Add(await load());
            Assert.Equal(60, test.Cache.Inspect("k:7")!.FreshIn.TotalSeconds);
            foreach (var read in overloads)
                Assert.Equal(made[^1], await read());
        }

        Assert.Equal(["v1", "s2", "c3", "b4", "v5", "s6", "c7", "b8", "v9", "s10", "c11", "b12"], made);
    }

    [Fact]
    public async Task RemoveAsync_RemoveByTagAsync_and_SetAsync_behave_like_HybridCache()
    {
        await using var test = new CacheUnderTest();
        HybridCache cache = test.Cache;
        foreach (var (key, tags) in new (string, string[])[] { ("a", ["x"]), ("b", ["x", "y"]), ("c", ["y"]), ("d", []), ("e", ["z"]) })
            await cache.SetAsync(key, key, tags: tags, cancellationToken: Stop);

        await cache.RemoveAsync(["d", "unknown", "d"], Stop);
        Assert.Equal("abce", Held(test));
        await cache.RemoveByTagAsync("z", Stop);
        Assert.Equal("abc", Held(test));
        await cache.RemoveByTagAsync("Y", Stop);
        Assert.Equal("abc", Held(test));
        await cache.RemoveByTagAsync(["y", "none"], Stop);
        Assert.Equal("a", Held(test));
        await cache.RemoveAsync([], Stop);
        await cache.RemoveByTagAsync([], Stop);
        Assert.Equal("a", Held(test));
        await cache.SetAsync("c", "c", cancellationToken: Stop);
        Assert.Equal("ac", Held(test));
        await cache.RemoveByTagAsync("*", Stop);
        Assert.Equal("", Held(test));
        await cache.SetAsync("d", "d", tags: ["*2"], cancellationToken: Stop);
        await cache.RemoveByTagAsync(["none", "*"], Stop);
        Assert.Equal("", Held(test));
    }

    [Fact]
    public async Task Setting_again_replaces_value_and_tags()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("a", "1", tags: ["x"], cancellationToken: Stop);
        await test.Cache.SetAsync("a", "2", tags: ["y"], cancellationToken: Stop);
        await test.Cache.RemoveByTagAsync("x", Stop);
        Assert.True(test.Cache.TryGet("a", out string value));
        Assert.Equal("2", value);
        Assert.Equal(["y"], test.Cache.Inspect("a")!.Tags);
        Assert.Equal(1, test.Cache.GetStatistics().Entries);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.None, "v1 v1", true)]
    [InlineData(HybridCacheEntryFlags.DisableCompression, "v1 v1", true)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCache, "v1 v1", true)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheRead, "v1 v2", true)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite, "v1 v2", false)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache, "v1 v2", false)]
    [InlineData(HybridCacheEntryFlags.DisableUnderlyingData, " ", false)]
    public async Task Each_HybridCache_flag_skips_the_level_named_in_the_flag(HybridCacheEntryFlags flags, string read, bool kept)
    {
        await using var test = new CacheUnderTest();
        HybridCache cache = test.Cache;
        var loads = 0;
        var options = new HybridCacheEntryOptions { Flags = flags };
        ValueTask<string> Load(CancellationToken token) => new($"v{++loads}");
        Assert.Equal(read, $"{await cache.GetOrCreateAsync("k", Load, options, cancellationToken: Stop)} {await cache.GetOrCreateAsync("k", Load, options, cancellationToken: Stop)}");
        Assert.Equal(kept, test.Cache.TryGet("k", out string _));
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheRead, "fill")]
    [InlineData(HybridCacheEntryFlags.DisableLocalCacheWrite, "kept")]
    [InlineData(HybridCacheEntryFlags.DisableUnderlyingData, "kept")]
    public async Task HybridCache_flags_decide_about_the_use_of_a_cached_value(HybridCacheEntryFlags flags, string read)
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var hybrid = await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("fill"), new HybridCacheEntryOptions { Flags = flags }, cancellationToken: Stop);
        Assert.Equal(read, hybrid);
        await test.Cache.SetAsync("k", "kept", cancellationToken: Stop);
        var own = await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("fill"), new UnstaleEntryOptions { Flags = flags }, cancellationToken: Stop);
        Assert.Equal(read, own);
    }

    [Fact]
    public async Task With_DisableUnderlyingData_no_factory_runs_and_a_stale_value_is_not_refreshed()
    {
        await using var test = new CacheUnderTest();
        var options = new UnstaleEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        static ValueTask<string> NotAsked(LoadContext context, CancellationToken token) => throw new InvalidOperationException("The source must not be asked.");
        Assert.Equal(new CacheResult<string>(null!, CacheOutcome.None), await test.Cache.GetOrCreateResultAsync<string>("k", NotAsked, options, cancellationToken: Stop));
        await test.Cache.SetAsync("k", "v", new UnstaleEntryOptions { FreshFor = TimeSpan.Zero }, cancellationToken: Stop);
        Assert.Equal(new CacheResult<string>("v", CacheOutcome.Stale), await test.Cache.GetOrCreateResultAsync<string>("k", NotAsked, options, cancellationToken: Stop));
        Assert.Equal(0, test.Cache.GetStatistics().Loads);
    }

    [Fact]
    public async Task Setting_without_memory_only_invalidates()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", cancellationToken: Stop);
        await test.Cache.SetAsync("k", "w", new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite }, cancellationToken: Stop);
        Assert.Null(test.Cache.Inspect("k"));
    }

    [Fact]
    public async Task Serializers_from_the_services_are_used()
    {
        await using var test = new CacheUnderTest(services: s => s
            .AddSingleton<IHybridCacheSerializer<One>>(new Serializer<One>(static () => new One { By = "serializer" }))
            .AddSingleton<IHybridCacheSerializerFactory>(new Factory("first"))
            .AddSingleton<IHybridCacheSerializerFactory>(new Factory("last")));
        await test.Cache.SetAsync("one", new One { By = "json" }, cancellationToken: Stop);
        await test.Cache.SetAsync("two", new Two { By = "json" }, cancellationToken: Stop);
        await test.Cache.SetAsync("three", new Three { By = "json" }, cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("one", out One one));
        Assert.True(test.Cache.TryGet("two", out Two two));
        Assert.True(test.Cache.TryGet("three", out Three three));
        Assert.Equal(("serializer", "last", "json"), (one.By, two.By, three.By));
    }

    private static string Held(CacheUnderTest test) =>
        string.Concat(new[] { "a", "b", "c", "d", "e" }.Where(key => test.Cache.TryGet(key, out string _)));

    public class One
    {
        public string? By { get; set; }
    }

    public sealed class Two : One;

    public sealed class Three : One;

    private sealed class Serializer<T>(Func<T> make) : IHybridCacheSerializer<T>
    {
        public T Deserialize(ReadOnlySequence<byte> source) => make();

        public void Serialize(T value, IBufferWriter<byte> target) => target.Write("x"u8);
    }

    private sealed class Factory(string name) : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(Two) ? (IHybridCacheSerializer<T>)(object)new Serializer<Two>(() => new Two { By = name }) : null;
            return serializer is not null;
        }
    }
}
