using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale;

/// <summary>How one cache behaves. Checked when the cache is made; a contradiction is refused in a sentence that names both settings.</summary>
public sealed class UnstaleOptions
{
    /// <summary>
    /// The invalidation log that the cache obeys. Caches of one log share invalidations and nothing else. Default: <c>default</c>.
    /// </summary>
    public string Log { get; set; } = "default";

    /// <summary>
    /// Which shape the cached values have. A deployment that changes it raises this number: values that were stored with another one, in the second
    /// level, are never read. Old and new processes may run side by side; each obeys what the other invalidates. Default: 0.
    /// </summary>
    public int ContentVersion { get; set; }

    /// <summary>
    /// Lifetime of a value for which no other option sets one. Above 36,525 days (100 years) it counts as 36,525 days. Default: 5 minutes.
    /// </summary>
    public TimeSpan DefaultExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longest time of a load where no entry options set it (<see cref="UnstaleEntryOptions.LoadTimeout"/>), from 1 ms to a day.
    /// Default: null (no limit).
    /// </summary>
    public TimeSpan? LoadTimeout { get; set; }

    /// <summary>
    /// Longest wait for another caller's load where no entry options set it (<see cref="UnstaleEntryOptions.WaitTimeout"/>), from 1 ms to a day.
    /// Default: null (no limit).
    /// </summary>
    public TimeSpan? WaitTimeout { get; set; }

    /// <summary>How many entries this process' memory holds at the most, 1 to 100,000,000. Default: 100,000.</summary>
    public int MaximumEntries { get; set; } = 100_000;

    /// <summary>The longest key, and the longest tag, in characters, 16 to 65,536. Default: 1,024.</summary>
    public int MaximumKeyLength { get; set; } = 1024;

    /// <summary>
    /// The largest serialised value, in bytes; a larger one is returned and not kept. A larger one that another service stored in the second
    /// level is a miss: services that share values need the same limit. Default: 1 MiB.
    /// </summary>
    public int MaximumPayloadBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long an unconfirmed node goes on serving what it holds, where the log is shared by several processes, 100 milliseconds to a day.
    /// Default: 5 seconds.
    /// </summary>
    public TimeSpan StalenessBound { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What a read gets once the bound is passed. Default: the source's value.</summary>
    public UntrustedReads WhenNotTrusted { get; set; }

    /// <summary>
    /// How long past the bound a held value is served; only, and then above zero, with <see cref="UntrustedReads.Serve"/>. Default: zero.
    /// </summary>
    public TimeSpan ServeUntrustedFor { get; set; }

    /// <summary>What becomes of a call that invalidates while the log cannot be reached. All caches of a log agree. Default: it is queued.</summary>
    public UnsentInvalidations WhenLogIsAway { get; set; }

    /// <summary>
    /// How many invalidations wait for a log that cannot be reached, 1 to 10,000,000; more become one "everything". All caches of a log
    /// agree. Default: 65,536.
    /// </summary>
    public int QueueCapacity { get; set; } = 65_536;

    /// <summary>
    /// How long a call that invalidates waits for the log, at most an hour. It is in force on this node from the start. All caches of a
    /// log agree. Default: 1 second.
    /// </summary>
    public TimeSpan AppendDeadline { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the end of the process waits for the log to take what is queued, at most an hour; what it has not taken is lost. All
    /// caches of a log agree. Default: 5 seconds.
    /// </summary>
    public TimeSpan ShutdownLimit { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a server that was deposed may go on answering nodes that have not heard of its successor, from zero to a day;
    /// <see cref="InvalidationReceipt.AppliedEverywhereAsync"/> waits that much longer for nodes it does not hear of. Zero fits a single
    /// server. With replicas, set it to the time after which a master without them refuses writes (<c>min-replicas-max-lag</c>, or
    /// <c>cluster-node-timeout</c>). All caches of a log agree. Default: zero.
    /// </summary>
    public TimeSpan SplitBrainAllowance { get; set; }

    /// <summary>
    /// How many loads may run at once while this node is not trusted, and for <see cref="StalenessBound"/> after it forgot everything
    /// because the log's history broke; loads in a <see cref="UnstaleCache.BypassScope"/> count too, and so do those of callers who joined a
    /// load whose value cannot be copied for them. A load inside the factory of one of these needs no
    /// place of its own. Default: 32.
    /// </summary>
    public int UntrustedLoads { get; set; } = 32;

    /// <summary>How many loads may wait for those; one more is refused with <see cref="LoadLimitExceededException"/>. Default: 1,024.</summary>
    public int UntrustedLoadsWaiting { get; set; } = 1024;

    /// <summary>
    /// Whether what a factory reads from caches of the same log counts as what its value was made from: an invalidation of any of it
    /// then takes the value too, on every node. Default: true.
    /// </summary>
    public bool RecordDependencies { get; set; } = true;

    /// <summary>
    /// Maximum number of keys and tags that are recorded with one value, 1 to 3,000. A value that is made from more is kept with a single
    /// dependency instead: any later record of the log makes it stale. Default: 500.
    /// </summary>
    public int MaximumDependencies { get; set; } = 500;

    /// <summary>
    /// How long the names of batched rules, and what was scheduled, are collected before they are raised together, counted from the first. 10 ms
    /// to 5 s; what is beyond is that limit. <see cref="Rules.InvalidationRules.BatchDelay"/> changes it at run time. Default: 100 ms.
    /// </summary>
    public TimeSpan BatchDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// After which time every invalidation of this cache is raised once more, at most an hour; zero: never. For loads that read a replica: set it to
    /// the longest time by which that may lag. A value that is set is not repeated, for it does not come from there. Default: zero.
    /// </summary>
    public TimeSpan RepeatAfter { get; set; }

    /// <summary>
    /// How many records of the log are kept in memory for <see cref="UnstaleCache.ExplainAsync"/>, 0 to 100,000; 0 keeps none. All caches of
    /// a log agree. Default: 1,024.
    /// </summary>
    public int RecentRecords { get; set; } = 1024;

    /// <summary>
    /// Of how many entries that went <see cref="UnstaleCache.ExplainAsync"/> still knows why: key, tags and cause, not the value; 0 to
    /// 100,000; 0 is of none. Default: 4,096.
    /// </summary>
    public int RecentRemovals { get; set; } = 4096;

    /// <summary>Looks at changes before they are raised; null: at none. Default: null.</summary>
    public ChangeGuard? ChangeGuard { get; set; }

    /// <summary>
    /// Whether the service <see cref="HybridCache"/> may be another cache than this one, which then knows nothing of invalidations. Without it, such a
    /// registration refuses the start. Default: false.
    /// </summary>
    public bool AllowOtherHybridCache { get; set; }

    /// <summary>Entry options by data type: what stands before the first <c>:</c> of a key, or what the entry's options name.</summary>
    public IDictionary<string, UnstaleEntryOptions> DataTypes { get; private set; } = new Dictionary<string, UnstaleEntryOptions>(StringComparer.Ordinal);

    /// <summary>Entry options by key prefix; the longest that fits wins over the data type. For callers who only know <see cref="HybridCache"/>.</summary>
    public IDictionary<string, UnstaleEntryOptions> KeyPrefixes { get; private set; } = new Dictionary<string, UnstaleEntryOptions>(StringComparer.Ordinal);

    /// <summary>Copies the settings, so that a cache keeps those that were checked.</summary>
    internal UnstaleOptions Copy()
    {
        var copy = (UnstaleOptions)MemberwiseClone();
        copy.DataTypes = new Dictionary<string, UnstaleEntryOptions>(DataTypes, StringComparer.Ordinal);
        copy.KeyPrefixes = new Dictionary<string, UnstaleEntryOptions>(KeyPrefixes, StringComparer.Ordinal);
        return copy;
    }
}
