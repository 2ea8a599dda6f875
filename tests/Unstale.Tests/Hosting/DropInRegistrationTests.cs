using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Tests.Cluster;
using Unstale.Tests.Telemetry;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Registrations written for AddHybridCache: every option that is accepted has an effect.</summary>
public sealed class DropInRegistrationTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DefaultEntryOptions_apply_to_entries_without_options_of_their_own()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = 60 * Minute, LocalCacheExpiration = Minute };
            o.DataTypes["typed"] = new UnstaleEntryOptions { Expiration = 7 * Minute };
        });
        Assert.Equal(Minute, await LifetimeAsync(test, "k", null));
        Assert.Equal(10 * Minute, await LifetimeAsync(test, "own", new HybridCacheEntryOptions { Expiration = 10 * Minute }));
        Assert.Equal(2 * Minute, await LifetimeAsync(test, "local", new HybridCacheEntryOptions { LocalCacheExpiration = 2 * Minute }));
        Assert.Equal(7 * Minute, await LifetimeAsync(test, "typed:1", null));
    }

    [Fact]
    public async Task The_local_default_is_at_most_the_default_expiration()
    {
        await using var test = new CacheUnderTest(static o => o.DefaultEntryOptions = new() { Expiration = Minute, LocalCacheExpiration = 2 * Minute });
        Assert.Equal(Minute, await LifetimeAsync(test, "k", null));
    }

    [Fact]
    public async Task Default_flags_apply_unless_the_call_sets_flags()
    {
        await using var test = new CacheUnderTest(static o => o.DefaultEntryOptions = new() { Flags = HybridCacheEntryFlags.DisableLocalCacheWrite });
        Assert.Equal(2, await LoadsOfTwoReadsAsync(test.Cache, "k", null));
        Assert.Equal(1, await LoadsOfTwoReadsAsync(test.Cache, "own", new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.None }));
    }

    [Fact]
    public async Task A_default_of_DisableUnderlyingData_calls_no_factory()
    {
        await using var test = new CacheUnderTest(static o => o.DefaultEntryOptions = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData });
        Assert.Null(await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string?>("loaded"), cancellationToken: Stop));
    }

    [Fact]
    public async Task ReportTagMetrics_counts_reads_by_tag_and_result()
    {
        var name = Guid.NewGuid().ToString();
        using var listener = new Measurements("unstale.cache.name", name);
        await using var services = new ServiceCollection().AddUnstale(name, static o => o.ReportTagMetrics = true).Services.BuildServiceProvider();
        var cache = services.GetRequiredKeyedService<UnstaleCache>(name);
        for (var read = 0; read < 2; read++)
            await cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), tags: ["a", "b"], cancellationToken: Stop);
        var counted = listener.Recorded();
        Assert.Equal((1, 1), (counted["unstale.cache.tag.requests/a/miss"], counted["unstale.cache.tag.requests/b/hit"]));
    }

    [Fact]
    public async Task Tags_are_not_reported_by_default()
    {
        var name = Guid.NewGuid().ToString();
        using var listener = new Measurements("unstale.cache.name", name);
        await using var services = new ServiceCollection().AddUnstale(name).Services.BuildServiceProvider();
        await services.GetRequiredKeyedService<UnstaleCache>(name).GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), tags: ["a"], cancellationToken: Stop);
        Assert.DoesNotContain("unstale.cache.tag.requests/a/miss", listener.Read());
    }

    [Fact]
    public async Task Serializers_are_added_by_the_calls_of_the_HybridCache_builder()
    {
        await using var services = new ServiceCollection()
            .AddUnstale()
            .AddSerializer(new Marked<Instance>("instance"))
            .AddSerializer<Created, MarkedCreated>()
            .AddSerializerFactory(new MarkedFactory())
            .AddSerializerFactory<EarlierFactory>()
            .Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        Assert.Equal("instance", (await cache.GetOrCreateAsync("1", static _ => new ValueTask<Instance>(new Instance()), cancellationToken: Stop)).Mark);
        Assert.Equal("created", (await cache.GetOrCreateAsync("2", static _ => new ValueTask<Created>(new Created()), cancellationToken: Stop)).Mark);
        Assert.Equal("earlier", (await cache.GetOrCreateAsync("3", static _ => new ValueTask<Made>(new Made()), cancellationToken: Stop)).Mark);
        Assert.Equal("factory", (await cache.GetOrCreateAsync("4", static _ => new ValueTask<Rest>(new Rest()), cancellationToken: Stop)).Mark);
    }

    [Fact]
    public async Task Json_options_apply_to_one_type_or_to_all()
    {
        await using var services = new ServiceCollection()
            .AddUnstale()
            .WithJsonSerializerOptions(new JsonSerializerOptions { Converters = { new MarkingConverter<Made>("all"), new MarkingConverter<Rest>("all") } })
            .WithJsonSerializerOptions<Made>(new JsonSerializerOptions { Converters = { new MarkingConverter<Made>("one") } })
            .Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        Assert.Equal("one", (await cache.GetOrCreateAsync("1", static _ => new ValueTask<Made>(new Made()), cancellationToken: Stop)).Mark);
        Assert.Equal("all", (await cache.GetOrCreateAsync("2", static _ => new ValueTask<Rest>(new Rest()), cancellationToken: Stop)).Mark);
    }

    [Fact]
    public async Task Json_options_of_the_application_do_not_disable_the_check_for_lost_types()
    {
        using var log = new CapturedLog();
        await using var services = new ServiceCollection()
            .AddLogging(l => l.AddProvider(log))
            .AddUnstale()
            .WithJsonSerializerOptions(new JsonSerializerOptions(JsonSerializerDefaults.Web))
            .Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        Assert.Equal(2, await LoadsOfTwoReadsAsync<Made>(cache, "k", static () => new Derived()));
        Assert.True(log.Says("JSON does not contain the type of the object"));
    }

    [Fact]
    public async Task A_cache_is_resolved_by_a_service_key_of_any_type()
    {
        await using var services = new ServiceCollection()
            .AddKeyedUnstale(LogLevel.Warning, static o => o.MaximumEntries = 7).Services
            .AddKeyedUnstale("text").Services
            .BuildServiceProvider();
        var cache = services.GetRequiredKeyedService<HybridCache>(LogLevel.Warning);
        Assert.Same(cache, services.GetRequiredKeyedService<UnstaleCache>(LogLevel.Warning));
        Assert.Equal("Warning", Assert.IsType<UnstaleCache>(cache).Name);
        Assert.Same(services.GetRequiredKeyedService<UnstaleCache>(LogLevel.Warning).Invalidator, services.GetRequiredKeyedService<IInvalidator>(LogLevel.Warning));
        Assert.Equal("text", services.GetRequiredKeyedService<UnstaleCache>("text").Name);
    }

    private static async Task<TimeSpan?> LifetimeAsync(CacheUnderTest test, string key, HybridCacheEntryOptions? options)
    {
        await test.Cache.SetAsync(key, "v", options, cancellationToken: Stop);
        return test.Cache.Inspect(key)!.ExpiresIn;
    }

    private static async Task<int> LoadsOfTwoReadsAsync(HybridCache cache, string key, HybridCacheEntryOptions? options)
    {
        var loads = 0;
        for (var read = 0; read < 2; read++)
            await cache.GetOrCreateAsync(key, _ => new ValueTask<int>(++loads), options, cancellationToken: Stop);
        return loads;
    }

    private static async Task<int> LoadsOfTwoReadsAsync<T>(HybridCache cache, string key, Func<T> make)
    {
        var loads = 0;
        for (var read = 0; read < 2; read++)
        {
            await cache.GetOrCreateAsync(
                key,
                _ =>
                {
                    loads++;
                    return new ValueTask<T>(make());
                },
                cancellationToken: Stop);
        }

        return loads;
    }

    private class Made
    {
        public string? Mark { get; set; }
    }

    private sealed class Derived : Made;

    private sealed class Instance : Made;

    private sealed class Created : Made;

    private sealed class Rest : Made;

    /// <summary>Serializer that marks each value it reads.</summary>
    private class Marked<T>(string mark) : IHybridCacheSerializer<T>
        where T : Made, new()
    {
        public T Deserialize(ReadOnlySequence<byte> source) => new() { Mark = mark };

        public void Serialize(T value, IBufferWriter<byte> target) => target.Write("1"u8);
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Created by the container.")]
    private sealed class MarkedCreated() : Marked<Created>("created");

    private sealed class MarkedFactory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(Made) ? (IHybridCacheSerializer<T>)(object)new Marked<Made>("factory")
                : typeof(T) == typeof(Rest) ? (IHybridCacheSerializer<T>)(object)new Marked<Rest>("factory")
                : null;
            return serializer is not null;
        }
    }

    [SuppressMessage("Performance", "CA1812", Justification = "Created by the container.")]
    private sealed class EarlierFactory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(Made) ? (IHybridCacheSerializer<T>)(object)new Marked<Made>("earlier") : null;
            return serializer is not null;
        }
    }

    private sealed class MarkingConverter<T>(string mark) : System.Text.Json.Serialization.JsonConverter<T>
        where T : Made, new()
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            reader.Skip();
            return new T { Mark = mark };
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue("marked");
    }
}
