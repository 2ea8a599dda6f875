using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Unstale.Tests.Support;

namespace Unstale.Tests.Conformance;

/// <summary>An application with one of the implementations, on a manual clock. The services are built on first use.</summary>
internal sealed class Trial : IAsyncDisposable
{
    private static readonly int[] Lifetimes = [1, 5, 60];
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);
    private static readonly HybridCacheEntryOptions WithoutLoad = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };

    private readonly Implementation _implementation;
    private readonly ServiceCollection _collection = [];
    private ServiceProvider? _services;
    private int _loads;

    public Trial(Implementation implementation)
    {
        _implementation = implementation;
        _collection.AddSingleton<TimeProvider>(Clock);
        _collection.AddMemoryCache(options => options.Clock = new MemoryCacheClock(Clock));
        AddCache();
    }

    /// <summary>
    /// Manual clock, also of the memory cache, by which the entries of Microsoft's implementation expire. Each reading is one tick later than the
    /// reading before, so that no two events have the same time.
    /// </summary>
    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromTicks(1) };

    public IServiceProvider Services => _services ??= _collection.BuildServiceProvider(new ServiceProviderOptions { ValidateScopes = true, ValidateOnBuild = true });

    public HybridCache Cache => field ??= Services.GetRequiredService<HybridCache>();

    /// <summary>Services of the application, to add to before the first use of the cache.</summary>
    public IServiceCollection Registrations => _collection;

    /// <summary>Adds the cache without a key.</summary>
    public void AddCache()
    {
        if (_implementation == Implementation.AddUnstale)
            _collection.AddUnstale();
        else
            _collection.AddHybridCache();
    }

    /// <summary>Adds a cache under the key <paramref name="name"/>, as each implementation does.</summary>
    public void AddKeyed(string name)
    {
        if (_implementation == Implementation.AddUnstale)
            _collection.AddUnstale(name);
        else
            _collection.AddKeyedHybridCache(name);
    }

    /// <summary>Loads a value that names its load, from "load 1".</summary>
    public ValueTask<string> LoadAsync(CancellationToken cancellationToken) => new($"load {Interlocked.Increment(ref _loads)}");

    public ValueTask<string> ReadAsync(string key, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken token = default) =>
        Cache.GetOrCreateAsync(key, LoadAsync, options, tags, token);

    /// <summary>Reads without a load. Null for no value.</summary>
    public async Task<string?> PeekAsync(string key) => await Cache.GetOrCreateAsync<string?>(key, static _ => new("loaded nevertheless"), WithoutLoad);

    /// <summary>Reads twice and reports whether the second read finds the value of the first.</summary>
    public async Task<string> ReadTwiceAsync(string key, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null)
    {
        var first = await ReadAsync(key, options, tags);
        return await ReadAsync(key, options, tags) == first ? "cached" : "loads each time";
    }

    /// <summary>Reads twice with a factory that may fail. Reports both outcomes and the number of loads.</summary>
    public async Task<string> LoadTwiceAsync(Func<ValueTask<string>> factory)
    {
        var loads = 0;
        ValueTask<string> CountedAsync(CancellationToken token)
        {
            loads++;
            return factory();
        }

        var first = await Outcome.OfAsync(() => Cache.GetOrCreateAsync("k", CountedAsync));
        var second = await Outcome.OfAsync(() => Cache.GetOrCreateAsync("k", CountedAsync));
        return first == second ? $"{first}, {loads} loads for 2 reads" : $"{first}, then {second}";
    }

    /// <summary>Sets a value, reads, and reports whether the read finds the value.</summary>
    public async Task<string> SetThenReadAsync(string key)
    {
        await Cache.SetAsync(key, "set");
        return await ReadAsync(key) == "set" ? "cached" : "not cached";
    }

    /// <summary>Runs a removal while the entries a, b and c are cached, each with its key as its tag. Reports the removed entries.</summary>
    public async Task<string> RemovalAsync(Func<ValueTask> remove)
    {
        string[] keys = ["a", "b", "c"];
        foreach (var key in keys)
            await Cache.SetAsync(key, "set", tags: [key]);
        var outcome = await Outcome.OfAsync(remove);
        var cached = await Task.WhenAll(keys.Select(PeekAsync));
        string[] removed = [.. keys.Where((_, i) => cached[i] is null)];
        return (outcome, removed.Length) switch
        {
            ("returns", 0) => "removes nothing",
            ("returns", 3) => "removes everything",
            ("returns", _) => $"removes {Outcome.Join(removed)}",
            (_, 0) => outcome,
            _ => $"{outcome}, removes {Outcome.Join(removed)}",
        };
    }

    /// <summary>Runs a write of the value "new" while the value "old" is cached for the same key, k. Reports the value that is cached afterwards.</summary>
    public async Task<string> ReplacementAsync(Func<ValueTask> set)
    {
        await Cache.SetAsync("k", "old");
        var outcome = await Outcome.OfAsync(set);
        var effect = await PeekAsync("k") switch
        {
            "old" => "keeps the old value",
            "new" => "caches the new value",
            _ => "removes the old value",
        };
        return outcome == "returns" ? effect : $"{outcome}, {effect}";
    }

    /// <summary>Reports the keys that are cached.</summary>
    public async Task<string> CachedAsync(params string[] keys)
    {
        var values = await Task.WhenAll(keys.Select(PeekAsync));
        string[] cached = [.. keys.Where((_, i) => values[i] is not null)];
        return cached.Length switch
        {
            0 => "nothing is cached",
            1 => $"{cached[0]} is cached",
            _ => $"{Outcome.Join(cached)} are cached",
        };
    }

    /// <summary>Advances the clock and reports after how many minutes an entry expires.</summary>
    public async Task<string> LifetimeAsync(string key)
    {
        if (await PeekAsync(key) is null)
            return "not cached";
        var passed = TimeSpan.Zero;
        foreach (var minutes in Lifetimes)
        {
            var end = TimeSpan.FromMinutes(minutes);
            Clock.Advance(end - Moment - passed);
            if (await PeekAsync(key) is null)
                return $"expires before {minutes} min";
            Clock.Advance(2 * Moment);
            if (await PeekAsync(key) is null)
                return $"expires after {minutes} min";
            passed = end + Moment;
        }

        return "does not expire";
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is not null)
            await Eventually.Ends("the services end", _services.DisposeAsync().AsTask(), () => Clock.Advance(TimeSpan.FromSeconds(1)));
    }
}
