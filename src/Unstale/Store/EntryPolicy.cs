using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Store;

/// <summary>
/// Weighs the options of a call, of the key's prefix, of its data type and of the cache, each field in that order. What contradicts
/// itself within one call is clamped: a local life and freshness to the life.
/// </summary>
internal sealed class EntryPolicy
{
    private readonly KeyValuePair<string, UnstaleEntryOptions>[] _prefixes;
    private readonly Dictionary<string, UnstaleEntryOptions>.AlternateLookup<ReadOnlySpan<char>> _types;
    private readonly TimeSpan _default;
    private readonly bool _recordsReads;

    /// <summary>The life of every entry whose call says nothing; null where it depends on the key.</summary>
    private readonly EntryLife? _plain;

    public EntryPolicy(UnstaleOptions options)
    {
        _prefixes = [.. options.KeyPrefixes.OrderByDescending(p => p.Key.Length)];
        _types = new Dictionary<string, UnstaleEntryOptions>(options.DataTypes, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _default = options.DefaultExpiration;
        _recordsReads = options.RecordDependencies;
        if (options.KeyPrefixes.Count == 0 && options.DataTypes.Count == 0)
            _plain = Of(string.Empty, null, null, null, null, null, null);
    }

    /// <summary>A longer life counts as this one: any clock can add it to the present.</summary>
    public static TimeSpan LongestLife { get; } = TimeSpan.FromDays(36_525);

    public static long? Milliseconds(TimeSpan? time) => time is { } t ? Milliseconds(t) : null;

    private static long Milliseconds(TimeSpan time) => (long)Min(time, LongestLife).TotalMilliseconds;

    public EntryLife Of(string key, UnstaleEntryOptions? call) =>
        call is null && _plain is { } plain ? plain : Of(key, call?.DataType, call?.Expiration, call?.LocalExpiration, call?.FreshFor, call?.Flags, call?.RecordDependencies);

    public EntryLife Of(string key, HybridCacheEntryOptions call) =>
        Of(key, null, call.Expiration, call.LocalCacheExpiration, null, call.Flags, null);

    private EntryLife Of(
        ReadOnlySpan<char> whole, string? dataType, TimeSpan? expiration, TimeSpan? localExpiration, TimeSpan? freshFor, HybridCacheEntryFlags? flags, bool? recordDependencies)
    {
        var key = NamespaceName.KeyWithin(whole);
        var prefix = PrefixOf(key);
        _types.TryGetValue(dataType ?? prefix?.DataType ?? NamespaceOf(key), out var type);
        var life = expiration ?? prefix?.Expiration ?? type?.Expiration ?? _default;
        var local = Min(localExpiration ?? prefix?.LocalExpiration ?? type?.LocalExpiration ?? life, life);
        var fresh = Min(freshFor ?? prefix?.FreshFor ?? type?.FreshFor ?? life, life);
        return new EntryLife(
            Milliseconds(life),
            Milliseconds(local),
            Milliseconds(fresh),
            flags ?? Declared(prefix?.Flags ?? type?.Flags) ?? HybridCacheEntryFlags.None)
        {
            RecordsReads = recordDependencies ?? prefix?.RecordDependencies ?? type?.RecordDependencies ?? _recordsReads,
        };
    }

    /// <summary>What is declared for keys that are never read from memory is not written there either: a hit looks at no policy.</summary>
    private static HybridCacheEntryFlags? Declared(HybridCacheEntryFlags? flags) =>
        flags is { } f && f.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead) ? f | HybridCacheEntryFlags.DisableLocalCacheWrite : flags;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static ReadOnlySpan<char> NamespaceOf(ReadOnlySpan<char> key)
    {
        var end = key.IndexOf(':');
        return end < 0 ? key : key[..end];
    }

    private UnstaleEntryOptions? PrefixOf(ReadOnlySpan<char> key)
    {
        foreach (var (prefix, options) in _prefixes)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                return options;
        }

        return null;
    }
}
