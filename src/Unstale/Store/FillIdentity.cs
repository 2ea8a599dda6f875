using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Store;

/// <summary>Which calls may share one load: the same key, the same type, and flags that read and store the same.</summary>
internal readonly record struct FillIdentity(string Key, Type Type, HybridCacheEntryFlags Flags)
{
    public static FillIdentity Of<T>(string key, in EntryLife life) =>
        new(key, typeof(T), life.Flags & ~HybridCacheEntryFlags.DisableCompression);
}
