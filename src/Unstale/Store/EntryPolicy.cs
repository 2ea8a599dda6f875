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

    public EntryPolicy(UnstaleOptions options)
    {
        _prefixes = [.. options.KeyPrefixes.OrderByDescending(p => p.Key.Length)];
        _types = new Dictionary<string, UnstaleEntryOptions>(options.DataTypes, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _default = options.DefaultExpiration;
    }

    public static long? Milliseconds(TimeSpan? time) => time is { } t ? (long)t.TotalMilliseconds : null;

    public EntryLife Of(string key, UnstaleEntryOptions? call)
    {
        var prefix = PrefixOf(key);
        _types.TryGetValue(call?.DataType ?? prefix?.DataType ?? NamespaceOf(key), out var type);
        var expiration = call?.Expiration ?? prefix?.Expiration ?? type?.Expiration ?? _default;
        var local = Min(call?.LocalExpiration ?? prefix?.LocalExpiration ?? type?.LocalExpiration ?? expiration, expiration);
        var fresh = Min(call?.FreshFor ?? prefix?.FreshFor ?? type?.FreshFor ?? expiration, expiration);
        return Life(expiration, local, fresh, call?.Flags ?? Declared(prefix?.Flags ?? type?.Flags));
    }

    public EntryLife Of(string key, HybridCacheEntryOptions call)
    {
        var life = Of(key, (UnstaleEntryOptions?)null);
        var expiration = Milliseconds(call.Expiration) ?? life.Expiration;
        var local = Math.Min(Milliseconds(call.LocalCacheExpiration) ?? (call.Expiration is null ? life.LocalExpiration : expiration), expiration);
        return new EntryLife(expiration, local, Math.Min(call.Expiration is null ? life.FreshFor : expiration, expiration), call.Flags ?? life.Flags);
    }

    private static EntryLife Life(TimeSpan expiration, TimeSpan local, TimeSpan fresh, HybridCacheEntryFlags? flags) => new(
        (long)expiration.TotalMilliseconds, (long)local.TotalMilliseconds, (long)fresh.TotalMilliseconds, flags ?? HybridCacheEntryFlags.None);

    /// <summary>What is declared for keys that are never read from memory is not written there either: a hit looks at no policy.</summary>
    private static HybridCacheEntryFlags? Declared(HybridCacheEntryFlags? flags) =>
        flags is { } f && f.HasFlag(HybridCacheEntryFlags.DisableLocalCacheRead) ? f | HybridCacheEntryFlags.DisableLocalCacheWrite : flags;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static ReadOnlySpan<char> NamespaceOf(string key)
    {
        var end = key.IndexOf(':', StringComparison.Ordinal);
        return end < 0 ? key : key.AsSpan(0, end);
    }

    private UnstaleEntryOptions? PrefixOf(string key)
    {
        foreach (var (prefix, options) in _prefixes)
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal))
                return options;
        }

        return null;
    }
}
