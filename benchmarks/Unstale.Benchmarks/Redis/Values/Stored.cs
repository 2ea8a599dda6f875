using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Values of a cache in Redis but not in memory.</summary>
internal static class Stored
{
    private const int Passes = 20;
    private static readonly HybridCacheEntryOptions NotInMemory = new() { Flags = HybridCacheEntryFlags.DisableLocalCache };

    /// <summary>Stores the values until all are read without a load: when a load returns, its value may still be on the way.</summary>
    public static void Load(HybridCache cache, IReadOnlyList<string> keys, string value, Func<string, string[]> tags)
    {
        for (var pass = 0; pass < Passes; pass++)
        {
            var loads = 0;
            foreach (var key in keys)
            {
                cache.GetOrCreateAsync(
                    key,
                    _ =>
                    {
                        loads++;
                        return ValueTask.FromResult(value);
                    },
                    NotInMemory,
                    tags(key)).Wait();
            }

            if (loads == 0)
                return;
        }

        throw new InvalidOperationException($"After {Passes} passes some values still were not in Redis.");
    }

    public static ValueTask<string> ReadAsync(HybridCache cache, string key) =>
        cache.GetOrCreateAsync<string>(key, static _ => throw new NotInRedisException(), NotInMemory);
}
