using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Unstale.Hosting;
using Unstale.Node;
using Unstale.Tests.Support;

namespace Unstale.Tests;

/// <summary>A cache as registered by an application, on a manual clock.</summary>
internal sealed class CacheUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public CacheUnderTest(
        Action<UnstaleOptions>? configure = null, Action<IServiceCollection>? services = null, TimeProvider? time = null, Action<InvalidationLogOptions>? log = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging();
        collection.AddSingleton(time ?? Clock);
        services?.Invoke(collection);
        collection.AddUnstale(configure);
        if (log is not null)
            collection.AddInvalidationLog(log);
        _services = collection.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
    }

    public SteppedTimeProvider Clock { get; } = new();

    public UnstaleCache Cache { get; }

    public IInvalidator Invalidator => Cache.Invalidator;

    public IServiceProvider Services => _services;

    public LogPartitions Log => _services.GetRequiredService<LogNodes>().Get(_services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().CurrentValue);

    public LogNode Node => Log.Nodes[0];

    /// <summary>Invalidates the entry "k" with the tag "t".</summary>
    /// <param name="by">One of "key", "tag", "pattern" and "everything".</param>
    public async Task InvalidateAsync(string by)
    {
        if (by == "everything")
            await Invalidator.InvalidateEverythingAsync();
        else
            await Invalidator.InvalidateAsync(by == "key" ? ["k"] : null, by == "tag" ? ["t"] : null, by == "pattern" ? [new GlobPattern("k*")] : null);
    }

    /// <summary>Advances the clock past the delay of 100 ms between an invalidation and its sweep.</summary>
    public void Sweep() => Clock.Advance(TimeSpan.FromMilliseconds(200));

    public async ValueTask DisposeAsync() =>
        await Eventually.Ends("the caches end", _services.DisposeAsync().AsTask(), () => Clock.Advance(TimeSpan.FromMilliseconds(500)));
}
