using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Benchmarks.InProcess.Hits;

namespace Unstale.Benchmarks.InProcess.Peers;

/// <summary>The compared caches, in the order of the columns.</summary>
internal static class MemoryPeers
{
    /// <summary>Capacity of the caches that have no default: the default of Unstale.</summary>
    private const int Capacity = 100_000;

    /// <summary>Both ways to call Unstale: in place of HybridCache, and through its own types.</summary>
    public static readonly Func<ITaggedPeer>[] Ours = [InPlaceOfHybridCache, static () => new UnstaleCachePeer()];

    /// <summary>Other caches with tags.</summary>
    public static readonly Func<ITaggedPeer>[] Tagged = [HybridCache, FusionCache];

    public static readonly Func<IMemoryPeer>[] Untagged =
    [
        static () => new MemoryCachePeer(),
        static () => new BitFasterPeer<OwnCode.OfConcurrentLru>(new ConcurrentLru<string, string>(Capacity)),
        static () => new BitFasterPeer<OwnCode.OfConcurrentLfu>(new ConcurrentLfu<string, string>(Capacity)),
        static () => new DictionaryPeer(),
    ];

    /// <summary>Lifetime of the entries, so long that no entry expires during a measurement.</summary>
    public static TimeSpan Lifetime { get; } = TimeSpan.FromHours(1);

    public static ITaggedPeer InPlaceOfHybridCache() => new HybridCachePeer<OwnCode.OfUnstale>(UnstaleServices());

    public static ITaggedPeer HybridCache()
    {
        var services = new ServiceCollection();
        services.AddHybridCache(static options => options.DefaultEntryOptions = new() { Expiration = Lifetime, LocalCacheExpiration = Lifetime });
        return new HybridCachePeer<OwnCode.OfHybridCache>(services);
    }

    public static ITaggedPeer FusionCache() => new FusionCachePeer();

    public static IServiceCollection UnstaleServices() => new ServiceCollection().AddUnstale(static options => options.DefaultExpiration = Lifetime).Services;
}
