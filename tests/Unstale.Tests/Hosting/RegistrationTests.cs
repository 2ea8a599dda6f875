using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Unstale.Tests.Hosting;

/// <summary>Registrations that would leave an application without the expected cache.</summary>
public sealed class RegistrationTests
{
    private readonly Lines _lines = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, Action<IServiceCollection>> Harmless => new()
    {
        { "Microsoft's before", static s => s.AddHybridCache().Services.AddUnstale() },
        { "Microsoft's after", static s => s.AddUnstale().Services.AddHybridCache() },
        { "Microsoft's on both sides", static s => s.AddHybridCache().Services.AddUnstale().Services.AddHybridCache() },
        { "Microsoft's between two calls", static s => s.AddUnstale("other").Services.AddHybridCache().Services.AddUnstale() },
        { "an alias after", static s => s.AddUnstale().Services.AddSingleton<HybridCache>(static p => p.GetRequiredService<UnstaleCache>()) },
        { "the same call twice", static s => s.AddUnstale().Services.AddUnstale() },
    };

    public static TheoryData<string, Action<IServiceCollection>> Foreign => new()
    {
        { "a type before", static s => s.AddSingleton<HybridCache, OtherCache>().AddUnstale() },
        { "a type after", static s => s.AddUnstale().Services.AddSingleton<HybridCache, OtherCache>() },
        { "an instance before", static s => s.AddSingleton<HybridCache>(new OtherCache()).AddUnstale() },
        { "an instance after", static s => s.AddUnstale().Services.AddSingleton<HybridCache>(new OtherCache()) },
        { "a factory before", static s => s.AddSingleton<HybridCache>(static _ => new OtherCache()).AddUnstale() },
        { "a factory after", static s => s.AddUnstale().Services.AddSingleton<HybridCache>(static _ => new OtherCache()) },
        { "a scoped one after", static s => s.AddUnstale().Services.AddScoped<HybridCache, OtherCache>() },
        { "a transient one after", static s => s.AddUnstale().Services.AddTransient<HybridCache, OtherCache>() },
        { "a decorator after", static s => s.AddUnstale().Services.AddSingleton<HybridCache>(static p => OtherCache.Over(p.GetRequiredService<UnstaleCache>())) },
        { "a replacement", static s => s.AddUnstale().Services.Replace(ServiceDescriptor.Singleton<HybridCache, OtherCache>()) },
        { "a keyed one before", static s => s.AddKeyedSingleton<HybridCache, OtherCache>("shop").AddUnstale("shop") },
        { "a keyed one after", static s => s.AddUnstale("shop").Services.AddKeyedSingleton<HybridCache, OtherCache>("shop") },
        { "a keyed factory after", static s => s.AddUnstale("shop").Services.AddKeyedSingleton<HybridCache>("shop", static (_, _) => new OtherCache()) },
        { "Microsoft's and another", static s => s.AddHybridCache().Services.AddSingleton<HybridCache, OtherCache>().AddUnstale() },
    };

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task HybridCache_resolves_to_UnstaleCache_wherever_AddHybridCache_is_called(string where, Action<IServiceCollection> add)
    {
        using var host = await StartAsync(add);
        Assert.True(host.Services.GetRequiredService<HybridCache>() is UnstaleCache, where);
        Assert.Same(host.Services.GetRequiredService<UnstaleCache>(), host.Services.GetRequiredService<HybridCache>());
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public async Task A_second_HybridCache_registration_is_refused_at_the_start_with_the_remedy_in_the_message(string where, Action<IServiceCollection> add)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(add));
        Assert.True(refused.Message.StartsWith("The service HybridCache ", StringComparison.Ordinal), where);
        Assert.EndsWith("code that injects HybridCache would not be reached by invalidations. Remove that registration, or set AllowOtherHybridCache.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_refusal_of_a_second_keyed_HybridCache_names_the_other_cache_and_the_key()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync(static s => s.AddUnstale("shop").Services.AddKeyedSingleton<HybridCache, OtherCache>("shop")));
        Assert.StartsWith(
            "The service HybridCache with the key 'shop' is registered with 'Unstale.Tests.Hosting.RegistrationTests+OtherCache' and not the cache 'shop': ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_host_a_second_HybridCache_registration_is_refused_at_the_first_use()
    {
        using var services = new ServiceCollection().AddUnstale().Services.AddSingleton<HybridCache, OtherCache>().BuildServiceProvider();
        Assert.Throws<InvalidOperationException>(services.GetRequiredService<UnstaleCache>);
        Assert.Throws<InvalidOperationException>(services.GetRequiredService<IInvalidator>);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_second_HybridCache_registration_that_is_allowed_stays_and_is_logged(bool isBefore)
    {
        using var host = await StartAsync(s =>
        {
            if (isBefore)
                s.AddSingleton<HybridCache, OtherCache>();
            s.AddUnstale(static o => o.AllowOtherHybridCache = true);
            if (!isBefore)
                s.AddSingleton<HybridCache, OtherCache>();
        });
        Assert.IsType<OtherCache>(host.Services.GetRequiredService<HybridCache>());
        Assert.Single(_lines.Of(91));
    }

    [Fact]
    public async Task Replacing_Microsofts_cache_is_logged_once()
    {
        using var host = await StartAsync(static s => s.AddHybridCache().Services.AddUnstale().Services.AddUnstale("shop"));
        Assert.Equal("Cache default: AddUnstale has replaced the HybridCache of AddHybridCache, whose options have no effect. Remove that call.", Assert.Single(_lines.Of(90)));
    }

    [Fact]
    public async Task A_keyed_cache_of_Microsoft_is_replaced_if_registered_before_and_refused_if_registered_after()
    {
        using var host = await StartAsync(static s => s.AddKeyedHybridCache("shop").Services.AddUnstale("shop"));
        Assert.IsType<UnstaleCache>(host.Services.GetRequiredKeyedService<HybridCache>("shop"));
        Assert.Single(_lines.Of(90));
        await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(static s => s.AddUnstale("shop").Services.AddKeyedHybridCache("shop")));
    }

    [Fact]
    public async Task Caches_with_other_service_keys_stay_registered()
    {
        using var host = await StartAsync(static s => s.AddUnstale("shop").Services.AddHybridCache().Services.AddKeyedSingleton<HybridCache, OtherCache>("other"));
        Assert.IsNotType<UnstaleCache>(host.Services.GetRequiredService<HybridCache>());
        Assert.IsType<OtherCache>(host.Services.GetRequiredKeyedService<HybridCache>("other"));
    }

    [Fact]
    public async Task A_cache_that_is_added_twice_with_two_values_of_an_option_refuses_the_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(static s =>
            s.AddUnstale(static o => o.MaximumEntries = 5).Services.AddUnstale(static o => o.Log = "shop").Services.AddUnstale(static o => o.MaximumEntries = 7)));
        Assert.Equal(
            "The cache 'default' was added twice, with MaximumEntries 5 and 7. Add it once, or set the option in one of the two calls; "
            + "to change options that a library has set, call services.PostConfigure<UnstaleOptions>(\"default\", ...).",
            refused.Message);
    }

    [Fact]
    public async Task A_cache_that_is_added_twice_with_different_options_has_both()
    {
        using var host = await StartAsync(static s => s.AddUnstale(static o => o.MaximumEntries = 5).Services.AddUnstale(static o => o.Log = "shop"));
        var options = host.Services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("default");
        Assert.Equal((5, "shop"), (options.MaximumEntries, options.Log));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Default")]
    [InlineData("shopp")]
    public async Task Options_of_an_unknown_cache_prevent_the_start(string name)
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => StartAsync(s => s.AddUnstale().Services.AddUnstale("shop").Services.Configure<UnstaleOptions>(name, static o => o.MaximumEntries = 5)));
        Assert.Equal(
            $"Options are configured for the cache '{name}', which does not exist; the caches are 'default', 'shop'. Correct the name in Configure<UnstaleOptions>; "
            + "the cache that AddUnstale adds without a name is called 'default'.",
            refused.Message);
    }

    [Fact]
    public async Task Options_configured_for_all_caches_are_accepted_and_applied()
    {
        using var host = await StartAsync(static s => s.ConfigureAll<UnstaleOptions>(static o => o.MaximumEntries = 5).AddUnstale());
        Assert.Equal(5, host.Services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get("default").MaximumEntries);
    }

    [Fact]
    public async Task An_unused_distributed_cache_is_logged_once()
    {
        using var host = await StartAsync(static s => s.AddSingleton<IDistributedCache, OtherDistributed>().AddUnstale().Services.AddUnstale("shop"));
        Assert.Equal("An IDistributedCache is registered with OtherDistributed and no cache uses it: values are cached in this process only. Call UseRedis to share values.", Assert.Single(_lines.Of(92)));
    }

    [Fact]
    public async Task An_unused_in_memory_distributed_cache_is_not_logged()
    {
        using var host = await StartAsync(static s => s.AddDistributedMemoryCache().AddUnstale());
        Assert.Empty(_lines.Of(92));
    }

    [Fact]
    public async Task The_distributed_cache_over_the_cache_is_not_logged_as_ignored()
    {
        using var host = await StartAsync(static s => s.AddUnstale().AddDistributedCache());
        Assert.Empty(_lines.Of(92));
    }

    private async Task<IHost> StartAsync(Action<IServiceCollection> add)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.AddProvider(_lines);
        add(builder.Services);
        var host = builder.Build();
        try
        {
            await host.StartAsync(Stop);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    private sealed class OtherCache : HybridCache
    {
        public HybridCache? Inner { get; private init; }

        public static OtherCache Over(HybridCache inner) => new() { Inner = inner };

        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null,
            CancellationToken cancellationToken = default) => factory(state, cancellationToken);

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => default;

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => default;
    }

    private sealed class OtherDistributed : IDistributedCache
    {
        public byte[]? Get(string key) => null;

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult<byte[]?>(null);

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key)
        {
        }

        public Task RemoveAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => Task.CompletedTask;
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly List<(int Id, string Text)> _lines = [];

        public List<string> Of(int id) => [.. _lines.Where(line => line.Id == id).Select(static line => line.Text)];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines)
                _lines.Add((eventId.Id, formatter(state, exception)));
        }

        public void Dispose()
        {
        }
    }
}
