using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Eviction;

internal sealed class UnstaleTraced : ITracedCache
{
    private readonly ServiceProvider _services;
    private bool _isHit;

    public UnstaleTraced(int capacity)
    {
        _services = new ServiceCollection().AddUnstale(options =>
        {
            options.MaximumEntries = capacity;
            options.DefaultExpiration = TimeSpan.FromHours(1);
        }).Services.BuildServiceProvider();
        Cache = _services.GetRequiredService<UnstaleCache>();
    }

    public int Held => (int)Cache.GetStatistics().Entries;

    private UnstaleCache Cache { get; }

    public bool Read(int key)
    {
        _isHit = true;
        Cache.GetOrCreateAsync(Keys.Of(key), this, static (self, _) => ValueTask.FromResult(self._isHit = false)).Wait();
        return _isHit;
    }

    public void Dispose() => _services.DisposeAsync().Wait();
}
