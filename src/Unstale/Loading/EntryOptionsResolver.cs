using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>
/// Resolves each option of an entry from the call, the key's prefix, the data type, the type of the value and the defaults of the cache, in this order.
/// Contradictions within one call are clamped: the local lifetime and the freshness to the lifetime.
/// </summary>
internal sealed class EntryOptionsResolver
{
    public static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(1);
    public static readonly TimeSpan MostTimeout = TimeSpan.FromDays(1);
    public static readonly TimeSpan LongestFailSafe = TimeSpan.FromDays(45);

    private readonly KeyValuePair<string, UnstaleEntryOptions>[] _prefixes;
    private readonly Dictionary<string, UnstaleEntryOptions>.AlternateLookup<ReadOnlySpan<char>> _types;
    private readonly TimeSpan _default;
    private readonly TimeSpan? _defaultLocal;
    private readonly HybridCacheEntryFlags? _defaultFlags;
    private readonly HybridCacheEntryFlags _always;
    private readonly bool _recordsReads;
    private readonly TimeSpan? _loadTimeout;
    private readonly TimeSpan? _waitTimeout;
    private readonly TimeSpan? _failSafeFor;
    private readonly TimeSpan _failSafePause;
    private readonly TimeSpan? _softTimeout;
    private readonly TimeSpan? _jitter;
    private readonly long? _defaultSize;
    private readonly bool _hasMaximumBytes;

    /// <summary>Options of each type with options of its own; null if there is none.</summary>
    private readonly Dictionary<Type, TypeDefaults>? _valueTypes;

    /// <summary>Defaults of all other types.</summary>
    private readonly TypeDefaults _others;

    private readonly bool _mayRecord;

    /// <param name="options">Options of the cache.</param>
    /// <param name="mayRecord">Whether loads may record their reads; false for a log with several partitions.</param>
    public EntryOptionsResolver(UnstaleOptions options, bool mayRecord = true)
    {
        _mayRecord = mayRecord;
        _prefixes = [.. options.KeyPrefixes.OrderByDescending(p => p.Key.Length)];
        _types = new Dictionary<string, UnstaleEntryOptions>(options.DataTypes, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        _default = options.DefaultEntryOptions?.Expiration ?? options.DefaultExpiration;
        _defaultLocal = options.DefaultEntryOptions?.LocalCacheExpiration;
        _defaultFlags = options.DefaultEntryOptions?.Flags;
        _always = options.DisableCompression ? HybridCacheEntryFlags.DisableCompression : HybridCacheEntryFlags.None;
        _recordsReads = options.RecordDependencies;
        (_loadTimeout, _waitTimeout, _softTimeout) = (options.LoadTimeout, options.WaitTimeout, options.SoftTimeout);
        (_failSafeFor, _failSafePause, _jitter) = (options.FailSafeFor, options.FailSafePause, options.Jitter);
        (_hasMaximumBytes, _defaultSize) = (options.MaximumBytes is not null, SizeOf(options.DefaultEntryOptions));
        var isSameForAllKeys = options.KeyPrefixes.Count == 0 && options.DataTypes.Count == 0;
        _others = DefaultsOf(null, isSameForAllKeys);
        if (options.ValueTypes.Count > 0)
            _valueTypes = options.ValueTypes.ToDictionary(static type => type.Key, type => DefaultsOf(type.Value, isSameForAllKeys));
    }

    public static bool IsTimeout(TimeSpan limit) =>
        limit == System.Threading.Timeout.InfiniteTimeSpan || (limit >= LeastTimeout && limit <= MostTimeout);

    /// <summary>Maximum lifetime; longer ones are reduced to this value. Any clock can add the maximum to the current time.</summary>
    public static TimeSpan LongestLife { get; } = TimeSpan.FromDays(36_525);

    public static long? Milliseconds(TimeSpan? time) => time is { } t ? Milliseconds(t) : null;

    private static long Milliseconds(TimeSpan time) => (long)Min(time, LongestLife).TotalMilliseconds;

    /// <typeparam name="T">Type of the value, as read or set.</typeparam>
    /// <param name="key">Key of the entry.</param>
    /// <param name="call">Options of the call; null for none.</param>
    public EntryLifetime Resolve<T>(string key, UnstaleEntryOptions? call)
    {
        var defaults = DefaultsOf<T>();
        return call is null && defaults.Plain is { } plain ? plain : Weigh(key, call is null ? default : new RequestedOptions(call), defaults.Options);
    }

    /// <inheritdoc cref="Resolve{T}(string, UnstaleEntryOptions)"/>
    public EntryLifetime Resolve<T>(string key, HybridCacheEntryOptions call) => Weigh(
        key,
        new RequestedOptions { Expiration = call.Expiration, LocalExpiration = call.LocalCacheExpiration, LocalSize = SizeOf(call), Flags = call.Flags },
        DefaultsOf<T>().Options);

    private TypeDefaults DefaultsOf<T>() => _valueTypes is not null && _valueTypes.TryGetValue(typeof(T), out var own) ? own : _others;

    private TypeDefaults DefaultsOf(UnstaleEntryOptions? value, bool isSameForAllKeys) => new(value, isSameForAllKeys ? Weigh(string.Empty, default, value) : null);

    /// <summary>Returns the size of HybridCache options; null for none, or for a negative one, which Microsoft's implementation accepts.</summary>
    private static long? SizeOf(HybridCacheEntryOptions? options) => options?.LocalSize is >= 0 and var size ? size : null;

    /// <exception cref="ArgumentException">The call sets an option that the cache cannot support.</exception>
    private EntryLifetime Weigh(ReadOnlySpan<char> whole, in RequestedOptions call, UnstaleEntryOptions? value)
    {
        if (call.RecordDependencies == true && !_mayRecord)
            throw Errors.CallRecordsAcrossPartitions();
        var key = NamespaceName.KeyWithin(whole);
        var prefix = PrefixOf(key);
        _types.TryGetValue(call.DataType ?? prefix?.DataType ?? value?.DataType ?? NamespaceOf(key), out var type);
        var own = call.Expiration ?? prefix?.Expiration ?? type?.Expiration ?? value?.Expiration;
        var life = own ?? (call.LocalExpiration > _default ? call.LocalExpiration.Value : _default); // as HybridCache: a call may set the local one alone
        var local = Min(call.LocalExpiration ?? prefix?.LocalExpiration ?? type?.LocalExpiration ?? value?.LocalExpiration ?? own ?? _defaultLocal ?? life, life);
        var fresh = Min(call.FreshFor ?? prefix?.FreshFor ?? type?.FreshFor ?? value?.FreshFor ?? life, life);
        return new EntryLifetime(
            Milliseconds(life),
            Milliseconds(local),
            Milliseconds(fresh),
            _always | (call.Flags ?? Declared(prefix?.Flags ?? type?.Flags ?? value?.Flags ?? _defaultFlags) ?? HybridCacheEntryFlags.None))
        {
            LoadTimeout = Timeout(nameof(call.LoadTimeout), call.LoadTimeout ?? prefix?.LoadTimeout ?? type?.LoadTimeout ?? value?.LoadTimeout ?? _loadTimeout),
            WaitTimeout = Timeout(nameof(call.WaitTimeout), call.WaitTimeout ?? prefix?.WaitTimeout ?? type?.WaitTimeout ?? value?.WaitTimeout ?? _waitTimeout),
            Policy = PolicyOf(call, prefix, type, value),
            RecordsReads = call.RecordDependencies ?? prefix?.RecordDependencies ?? type?.RecordDependencies ?? value?.RecordDependencies ?? _recordsReads,
        };
    }

    /// <summary>Returns the options that most entries do not have; null if the entry has none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The call sets a time out of range.</exception>
    private EntryPolicy? PolicyOf(in RequestedOptions call, UnstaleEntryOptions? prefix, UnstaleEntryOptions? type, UnstaleEntryOptions? value)
    {
        var failSafeFor = Span(nameof(call.FailSafeFor), call.FailSafeFor ?? prefix?.FailSafeFor ?? type?.FailSafeFor ?? value?.FailSafeFor ?? _failSafeFor, LongestFailSafe);
        var jitter = Span(nameof(call.Jitter), call.Jitter ?? prefix?.Jitter ?? type?.Jitter ?? value?.Jitter ?? _jitter, MostTimeout);
        var priority = Priority(call.Priority ?? prefix?.Priority ?? type?.Priority ?? value?.Priority);
        var size = _hasMaximumBytes ? Size(call.LocalSize ?? prefix?.LocalSize ?? type?.LocalSize ?? value?.LocalSize ?? _defaultSize) : null;
        if (failSafeFor == 0 && jitter == 0 && priority == EntryPlace.None && size is null)
            return null;
        return new EntryPolicy(
            failSafeFor,
            Span(nameof(call.FailSafePause), call.FailSafePause ?? prefix?.FailSafePause ?? type?.FailSafePause ?? value?.FailSafePause ?? _failSafePause, MostTimeout),
            Timeout(nameof(call.SoftTimeout), call.SoftTimeout ?? prefix?.SoftTimeout ?? type?.SoftTimeout ?? value?.SoftTimeout ?? _softTimeout),
            jitter)
        {
            LocalSize = size,
            Queue = priority,
        };
    }

    /// <exception cref="ArgumentOutOfRangeException">The call sets an unknown priority.</exception>
    private static EntryPlace Priority(CacheItemPriority? priority) => priority is not { } set ? EntryPlace.None
        : Enum.IsDefined(set) ? EntryPolicy.QueueOf(set)
        : throw Errors.PriorityOf("options", set);

    /// <exception cref="ArgumentOutOfRangeException">The call sets a negative size.</exception>
    private static long? Size(long? size) => size is < 0 ? throw Errors.LocalSize("options", size.Value) : size;

    /// <exception cref="ArgumentOutOfRangeException">The call sets a time out of range.</exception>
    private static long Span(string setting, TimeSpan? time, TimeSpan most) => time is not { } set ? 0
        : set >= TimeSpan.Zero && set <= most ? (long)set.TotalMilliseconds
        : throw Errors.CallTime(setting, set, TimeSpan.Zero, most);

    /// <exception cref="ArgumentOutOfRangeException">The call sets a time limit out of range.</exception>
    private static long Timeout(string setting, TimeSpan? limit) => limit switch
    {
        null => 0,
        { } none when none == System.Threading.Timeout.InfiniteTimeSpan => 0,
        { } some when IsTimeout(some) => (long)some.TotalMilliseconds,
        { } other => throw Errors.CallTimeout(setting, other, LeastTimeout, MostTimeout),
    };

    /// <summary>Disables the write to memory for keys whose declared flags disable the read from memory, because a hit does not consult the policy.</summary>
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

    /// <param name="Options">Options of the type; null for none.</param>
    /// <param name="Plain">Lifetime of every entry whose call has no options; null if the lifetime depends on the key.</param>
    private sealed record TypeDefaults(UnstaleEntryOptions? Options, EntryLifetime? Plain);

    /// <summary>Options of one call, of either type.</summary>
    private readonly struct RequestedOptions
    {
        public RequestedOptions(UnstaleEntryOptions call)
        {
            (DataType, Expiration, LocalExpiration, FreshFor) = (call.DataType, call.Expiration, call.LocalExpiration, call.FreshFor);
            (LoadTimeout, WaitTimeout, RecordDependencies, Flags) = (call.LoadTimeout, call.WaitTimeout, call.RecordDependencies, call.Flags);
            (FailSafeFor, FailSafePause, SoftTimeout, Jitter) = (call.FailSafeFor, call.FailSafePause, call.SoftTimeout, call.Jitter);
            (LocalSize, Priority) = (call.LocalSize, call.Priority);
        }

        public string? DataType { get; }

        public TimeSpan? Expiration { get; init; }

        public TimeSpan? LocalExpiration { get; init; }

        public TimeSpan? FreshFor { get; }

        public TimeSpan? LoadTimeout { get; }

        public TimeSpan? FailSafeFor { get; }

        public TimeSpan? FailSafePause { get; }

        public TimeSpan? SoftTimeout { get; }

        public TimeSpan? Jitter { get; }

        public TimeSpan? WaitTimeout { get; }

        public bool? RecordDependencies { get; }

        public long? LocalSize { get; init; }

        public CacheItemPriority? Priority { get; }

        public HybridCacheEntryFlags? Flags { get; init; }
    }
}
