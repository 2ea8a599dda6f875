using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>Identity by which calls share a load: the same key, the same type, and flags that read and store the same.</summary>
/// <param name="Hash">Hash of the key, computed only once.</param>
/// <param name="Flags">Flags that affect reading or storing; two bytes, because each running load holds an identity.</param>
/// <param name="RecordsReads">Whether the reads of the factory are stored with the value.</param>
/// <param name="Type">Type of the value.</param>
/// <param name="Key">Key.</param>
internal readonly record struct LoadIdentity(uint Hash, ushort Flags, bool RecordsReads, Type Type, string Key)
{
    public static LoadIdentity For<T>(string key, in EntryLifetime life) =>
        new(KeyHash.Compute(key), (ushort)(life.Flags & ~HybridCacheEntryFlags.DisableCompression), life.RecordsReads, typeof(T), key);

    public bool Equals(LoadIdentity other) =>
        Hash == other.Hash && Flags == other.Flags && RecordsReads == other.RecordsReads && Type == other.Type && string.Equals(Key, other.Key, StringComparison.Ordinal);

    public override int GetHashCode() => (int)Hash;
}
