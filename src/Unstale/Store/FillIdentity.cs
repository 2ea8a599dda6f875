using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Horizon;

namespace Unstale.Store;

/// <summary>Which calls may share one load: the same key, the same type, and flags that read and store the same.</summary>
/// <param name="Hash">The key's, so that it is computed once.</param>
/// <param name="Flags">The flags that matter.</param>
/// <param name="Type">The type of the value.</param>
/// <param name="Key">The key.</param>
/// <param name="RecordsReads">Whether what the factory reads is kept with the value.</param>
internal readonly record struct FillIdentity(uint Hash, HybridCacheEntryFlags Flags, Type Type, string Key, bool RecordsReads)
{
    public static FillIdentity Of<T>(string key, in EntryLife life) =>
        new(KeyHash.Of(key), life.Flags & ~HybridCacheEntryFlags.DisableCompression, typeof(T), key, life.RecordsReads);

    public bool Equals(FillIdentity other) =>
        Hash == other.Hash && Flags == other.Flags && RecordsReads == other.RecordsReads && Type == other.Type && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => (int)Hash;
}
