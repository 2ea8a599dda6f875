using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <summary>
/// Options of one cache. Validated when the cache is created. If two settings contradict each other, the error message names both.
/// </summary>
public sealed class UnstaleOptions
{
    /// <summary>
    /// Name of the invalidation log that the cache follows. Caches of the same log share invalidations and the options of
    /// <see cref="InvalidationLogOptions"/>, and nothing else. Default: <c>default</c>.
    /// </summary>
    public string Log { get; set; } = "default";

    /// <summary>
    /// Version of the shape of the cached values. Increase the number in a deployment that changes the shape: values stored in the second level with
    /// another version are never read. Old and new processes may run side by side, and each applies the invalidations of the other. Default: 0.
    /// </summary>
    public int ContentVersion { get; set; }

    /// <summary>
    /// Lifetime of values for which no other option sets one. Must be positive; values above 36,525 days (100 years) count as 36,525 days. Default: 5
    /// minutes.
    /// </summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Options of entries for which neither the call nor <see cref="KeyPrefixes"/>, <see cref="DataTypes"/> or <see cref="AddEntryOptions"/> set one. The
    /// expiration takes precedence over <see cref="DefaultExpiration"/>. The local expiration applies unless the call or one of the others sets an expiration,
    /// which the memory then follows. Default: null (none).
    /// </summary>
    public HybridCacheEntryOptions? DefaultEntryOptions { get; set; }

    /// <summary>
    /// Maximum duration of a load for which no entry options set one (<see cref="UnstaleEntryOptions.LoadTimeout"/>), 1 ms to 1 day. Default: null
    /// (no limit).
    /// </summary>
    public TimeSpan? LoadTimeout { get; set; }

    /// <summary>
    /// Maximum wait for a load of another caller for which no entry options set one (<see cref="UnstaleEntryOptions.WaitTimeout"/>), 1 ms to 1 day.
    /// Default: null (no limit).
    /// </summary>
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>
    /// Time after expiration for which memory keeps a value, to be returned if a load fails, where no entry options set one
    /// (<see cref="UnstaleEntryOptions.FailSafeFor"/>). Zero to 45 days. Default: null (none).
    /// </summary>
    public TimeSpan? FailSafeFor { get; set; }

    /// <summary>
    /// Time for which reads return an expired value without another load, after a load has failed (<see cref="UnstaleEntryOptions.FailSafePause"/>), zero to 1 day.
    /// Default: 30 seconds.
    /// </summary>
    public TimeSpan FailSafePause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time after which a caller receives a value kept by fail-safe although the load continues, where no entry options set one
    /// (<see cref="UnstaleEntryOptions.SoftTimeout"/>), 1 ms to 1 day. Default: null (none).
    /// </summary>
    public TimeSpan? SoftTimeout { get; set; }

    /// <summary>
    /// Maximum random time by which each loaded value expires earlier, where no entry options set one (<see cref="UnstaleEntryOptions.Jitter"/>), zero to 1 day. Default:
    /// null (none).
    /// </summary>
    public TimeSpan? Jitter { get; set; }

    /// <summary>
    /// Pipeline around each load: retries, a circuit breaker, a limit of the rate. With Polly: <c>options.LoadPipeline = pipeline.ExecuteAsync</c>. An exception of the pipeline
    /// is a failed load. Time limits of the load include all attempts. Default: null (none).
    /// </summary>
    public LoadPipeline? LoadPipeline { get; set; }

    /// <summary>
    /// Limits the concurrent loads of this cache, always, except those of keys in <see cref="PrefixLoadLimits"/>. Default: null (no limit).
    /// </summary>
    public LoadLimit? LoadLimit { get; set; }

    /// <summary>
    /// Limits the concurrent loads by key prefix. A load belongs to the longest matching prefix, and not to <see cref="LoadLimit"/>. Inside a factory that has a slot of
    /// <see cref="LoadLimit"/>, a load of such a key needs a slot of its prefix too. Default: empty.
    /// </summary>
    public IDictionary<string, LoadLimit> PrefixLoadLimits { get; private set; } = new Dictionary<string, LoadLimit>(StringComparer.Ordinal);

    /// <summary>Maximum number of entries in this process's memory, 1 to 100,000,000. Default: 100,000.</summary>
    public int MaximumEntries { get; set; } = 100_000;

    /// <summary>
    /// Maximum memory of the entries, 64 KiB to 1 TiB, in bytes: objects, keys, values, and the tags in use. Applies in addition to <see cref="MaximumEntries"/>. Not
    /// included: values during a load, and <see cref="RecentRemovals"/>. The size of an immutable class needs <see cref="AddSizer"/> or
    /// <see cref="UnstaleEntryOptions.LocalSize"/>. Default: null (none).
    /// </summary>
    public long? MaximumBytes { get; set; }

    /// <summary>Maximum length of a key and of a tag, in characters, 16 to 65,536. Default: 1,024.</summary>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>
    /// Maximum size of a serialized value, in bytes, 1 to 2,147,483,647. A larger value is returned to the caller and not stored. A larger value stored
    /// in the second level by another service counts as a miss, so services that share values need the same limit. Default: 1 MiB.
    /// </summary>
    public long MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// Whether values are stored in the second level without compression, as if every call set
    /// <see cref="HybridCacheEntryFlags.DisableCompression"/>. Values compressed before are still read. Default: false.
    /// </summary>
    public bool DisableCompression { get; set; }

    /// <summary>
    /// Whether reads are also counted by tag, in <c>unstale.cache.tag.requests</c>. Tags become attributes of the metric, so they must be few and contain
    /// no personal data. Default: false.
    /// </summary>
    public bool ReportTagMetrics { get; set; }

    /// <summary>
    /// Result of a read after <see cref="InvalidationLogOptions.StalenessBound"/> has passed without a confirmation. Default: <see cref="UntrustedReadBehavior.FromSource"/>.
    /// </summary>
    public UntrustedReadBehavior WhenNotTrusted { get; set; }

    /// <summary>
    /// Time after <see cref="InvalidationLogOptions.StalenessBound"/> for which stored values are still served, up to 1 day. Must be positive with
    /// <see cref="UntrustedReadBehavior.Serve"/>, and zero otherwise. Default: zero.
    /// </summary>
    public TimeSpan ServeUntrustedFor { get; set; }

    /// <summary>
    /// Maximum number of concurrent loads, 1 to 100,000, while this node is not trusted, and for <see cref="InvalidationLogOptions.StalenessBound"/> after a reset caused by
    /// a break in the log's history. The limit includes loads in a <see cref="UnstaleCache.BypassScope"/> and loads of callers that joined a load
    /// whose value cannot be copied. A nested load reuses its caller's slot. Applies in addition to <see cref="LoadLimit"/>. Default: 32.
    /// </summary>
    public int MaximumUntrustedLoads { get; set; } = 32;

    /// <summary>
    /// Maximum number of loads that wait for a slot of <see cref="MaximumUntrustedLoads"/>, 0 to 10,000,000. Further loads throw a
    /// <see cref="LoadRejectedException"/>. Default: 1,024.
    /// </summary>
    public int UntrustedLoadsWaiting { get; set; } = 1024;

    /// <summary>
    /// Whether the entries that a factory reads from caches of the same log are recorded as dependencies of the loaded value. Invalidating a
    /// dependency then invalidates the value too, on every node. Default: true.
    /// </summary>
    public bool RecordDependencies { get; set; } = true;

    /// <summary>
    /// Maximum number of keys and tags recorded as dependencies of one value, 1 to 3,000. A value with more dependencies is stored with a single
    /// dependency on the whole log: any later record makes the value stale. Default: 500.
    /// </summary>
    public int MaximumDependencies { get; set; } = 500;

    /// <summary>
    /// Time for which targets of batched rules and scheduled invalidations are collected before they are appended together, measured from the first
    /// one. Values outside 10 ms to 5 s are clamped. <see cref="Rules.InvalidationRules.BatchDelay"/> changes the time at run time. Default: 100 ms.
    /// </summary>
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Repeats every invalidation of this cache once after this delay, zero to 1 hour. Set it to the maximum replication lag if loads read from a
    /// replica. Values passed to <c>SetAsync</c> are not repeated, because they are not read from a replica. Default: zero (never).
    /// </summary>
    public TimeSpan ReplicationLag { get; set; }

    /// <summary>
    /// Number of removed entries for which <see cref="UnstaleCache.ExplainAsync"/> can report the cause, 0 (none) to 100,000. Retains key, tags and
    /// cause of an entry, not the value. Default: 4,096.
    /// </summary>
    public int RecentRemovals { get; set; } = 4096;

    /// <summary>Limits on the effect of a change, checked before the change is applied. Default: null (no limits).</summary>
    public ChangeGuard? ChangeGuard { get; set; }

    /// <summary>
    /// Whether the service <see cref="HybridCache"/> may be registered with an implementation other than this cache. Invalidations do not reach such
    /// an implementation. If false, such a registration prevents startup. Default: false.
    /// </summary>
    public bool AllowOtherHybridCache { get; set; }

    /// <summary>
    /// Entry options by data type: <see cref="UnstaleEntryOptions.DataType"/> of the call, or the part of the key before the first <c>:</c>. Default:
    /// empty.
    /// </summary>
    public IDictionary<string, UnstaleEntryOptions> DataTypes { get; private set; } = new Dictionary<string, UnstaleEntryOptions>(StringComparer.Ordinal);

    /// <summary>
    /// Entry options by key prefix. The longest matching prefix has precedence over the data type. Intended for callers that use only the
    /// <see cref="HybridCache"/> API. Default: empty.
    /// </summary>
    public IDictionary<string, UnstaleEntryOptions> KeyPrefixes { get; private set; } = new Dictionary<string, UnstaleEntryOptions>(StringComparer.Ordinal);

    /// <summary>Entry options by type of the value.</summary>
    internal Dictionary<Type, UnstaleEntryOptions> ValueTypes { get; private set; } = [];

    /// <summary>Functions that measure values, by type.</summary>
    internal Dictionary<Type, Delegate> Sizers { get; private set; } = [];

    /// <summary>
    /// Adds entry options for the values of one type. An option of the call, of <see cref="KeyPrefixes"/> and of <see cref="DataTypes"/> has precedence. A later call for the
    /// same type replaces the options.
    /// </summary>
    /// <typeparam name="T">Type of the values, exactly as read and set: <c>string</c> for <c>GetOrCreateAsync&lt;string&gt;</c>, not the type of a derived value.</typeparam>
    /// <param name="options">
    /// Options of the entries. <see cref="UnstaleEntryOptions.DataType"/> names the data type of the values where neither the call nor the key's prefix names one.
    /// </param>
    public void AddEntryOptions<T>(UnstaleEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ValueTypes[typeof(T)] = options;
    }

    /// <summary>
    /// Adds a function that returns the size of a value in memory, in bytes, for <see cref="MaximumBytes"/>. Needed for immutable classes, which all callers share; the
    /// cache measures texts, structs and serialized values itself. Without a sizer the cache serializes such a value to measure it. If the function throws or returns a
    /// negative number, the value is not stored.
    /// </summary>
    /// <typeparam name="T">Type of the values, as read.</typeparam>
    /// <param name="sizer">Function that measures a value. Called once for each stored value that is not null.</param>
    public void AddSizer<T>(Func<T, long> sizer)
    {
        ArgumentNullException.ThrowIfNull(sizer);
        Sizers[typeof(T)] = sizer;
    }

    /// <summary>Copies the options, so that later changes do not affect a cache whose options have been validated.</summary>
    internal UnstaleOptions Copy()
    {
        var copy = (UnstaleOptions)MemberwiseClone();
        copy.DataTypes = new Dictionary<string, UnstaleEntryOptions>(DataTypes, StringComparer.Ordinal);
        copy.KeyPrefixes = new Dictionary<string, UnstaleEntryOptions>(KeyPrefixes, StringComparer.Ordinal);
        copy.PrefixLoadLimits = new Dictionary<string, LoadLimit>(PrefixLoadLimits, StringComparer.Ordinal);
        copy.ValueTypes = new Dictionary<Type, UnstaleEntryOptions>(ValueTypes);
        copy.Sizers = new Dictionary<Type, Delegate>(Sizers);
        return copy;
    }
}
