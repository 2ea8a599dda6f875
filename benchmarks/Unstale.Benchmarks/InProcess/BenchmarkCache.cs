using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess;

/// <summary>Cache obtained from services, as in an application.</summary>
internal sealed class BenchmarkCache : IDisposable
{
    private readonly ServiceProvider _services;

    /// <param name="entries">Number of entries, none of which may expire during a measurement.</param>
    /// <param name="capacity">Maximum number of entries. Default: so many that none is evicted.</param>
    public BenchmarkCache(int entries, int? capacity = null)
    {
        var services = new ServiceCollection();
        services.AddUnstale(options =>
        {
            options.MaximumEntries = capacity ?? Math.Max(1_000, entries * 2);
            options.DefaultExpiration = TimeSpan.FromHours(1);
        });
        _services = services.BuildServiceProvider();
        Unstale = _services.GetRequiredService<UnstaleCache>();
        Hybrid = _services.GetRequiredService<HybridCache>();
        Invalidator = _services.GetRequiredService<IInvalidator>();
    }

    public UnstaleCache Unstale { get; }

    public HybridCache Hybrid { get; }

    public IInvalidator Invalidator { get; }

    public long Entries => Unstale.GetStatistics().Entries;

    /// <summary>Loads the value at once on a miss.</summary>
    public void Load(string key, string value, string[]? tags) =>
        Hybrid.GetOrCreateAsync(key, value, static (state, _) => ValueTask.FromResult(state), options: null, tags).Wait();

    public void Dispose() => _services.DisposeAsync().Wait();
}
