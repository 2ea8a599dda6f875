using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Memory;
using Unstale.Predicates;
using Unstale.Remote;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Loading;

/// <summary>Services and settings for the loads of one cache.</summary>
/// <param name="Name">Name of the cache.</param>
/// <param name="Horizon">Horizon to which the cache belongs.</param>
/// <param name="Entries">Entries held in memory.</param>
/// <param name="Remote">Second level; null if there is none.</param>
/// <param name="Codecs">Codecs that copy values.</param>
/// <param name="Clock">Monotonic clock.</param>
/// <param name="Metrics">Metrics of the cache.</param>
/// <param name="Logger">Logger of the cache.</param>
/// <param name="MaximumPayload">Maximum size of a stored value, in bytes.</param>
/// <param name="MaximumKeyLength">Maximum length of a key, and of a tag.</param>
/// <param name="MaximumDependencies">Maximum number of recorded dependencies of one value.</param>
/// <param name="Wake">Callback to invoke, without the lock, when the horizon may have work to do.</param>
/// <param name="ConfirmAsync">Callback that waits for the reply to a tail begun after the given number of tails, while the epoch lasts.</param>
/// <param name="Sizer">Component that measures values for a limit in bytes; null without a limit.</param>
internal sealed record StoreContext(
    string Name,
    PartitionHorizon Horizon,
    MemoryStore Entries,
    IRemoteStore? Remote,
    CodecTable Codecs,
    MonotonicClock Clock,
    CacheMetrics Metrics,
    GuardedLogger Logger,
    int MaximumPayload,
    int MaximumKeyLength,
    int MaximumDependencies,
    Action Wake,
    Func<long, int, CancellationToken, Task> ConfirmAsync,
    ValueSizer? Sizer = null)
{
    /// <summary>Time without a failure after which an outage is over, in milliseconds.</summary>
    private const long Quiet = 60_000;

    private long _remoteFailedAt = long.MinValue;
    private long _failSafeUsedAt = long.MinValue;
    private int _loggedTooMany;
    private int _loggedUncacheable;
    private int _loggedOtherLog;
    private int _loggedOtherPartition;

    /// <summary>Name of the log to which the cache belongs.</summary>
    public required string LogName { get; init; }

    /// <summary>Whether the keys of the log are divided into several partitions, one of which belongs to the horizon.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>Component that creates the copies for callers and reads stored values.</summary>
    public ValueCopies Copies { get; } = new(Name, Codecs, MaximumPayload, Sizer, Logger);

    /// <summary>Version of the shape of the values.</summary>
    public int ContentVersion { get; init; }

    /// <summary>
    /// Source of the names declared for a key: the tags, and the marks of keys, carried by every value of the key. Null: nothing was declared.
    /// </summary>
    public Func<string, IReadOnlyList<string>>? DeclaredOf { get; init; }

    /// <summary>
    /// Called with the key of each value stored in memory and all names carried by the value. Called under the horizon's lock; must be cheap.
    /// </summary>
    public Action<string, ReadOnlySpan<string>>? OnStored { get; init; }

    /// <summary>Whether the running code is part of a unit of work, which may never be committed.</summary>
    public required Func<bool> IsInUnitOfWork { get; init; }

    /// <summary>Creates the forms of values of columns, as all nodes of the log do.</summary>
    public ColumnHash ColumnHash { get; init; } = ColumnHash.Unkeyed;

    /// <summary>Pipeline around each load; null for none.</summary>
    public LoadPipeline? Pipeline { get; init; }

    /// <summary>Factory of the service scopes of loads.</summary>
    public required IServiceScopeFactory Scopes { get; init; }

    /// <summary>Detaches the current flow from the units of work and bypasses in which the flow was started.</summary>
    public required Action LeaveUnitOfWork { get; init; }

    /// <summary>Logs a failed call of the second level: the first failure of an outage as a warning, later ones at debug level.</summary>
    public void RemoteFailed(Exception exception) =>
        Logger.RemoteStoreFailed(IsNewOutage(ref _remoteFailedAt) ? LogLevel.Warning : LogLevel.Debug, exception, Name);

    /// <summary>Logs that a caller received an expired value: the first time of an outage as a warning, later ones at debug level.</summary>
    public void FailSafeUsed(Exception exception) => Logger.FailSafeUsed(IsNewOutage(ref _failSafeUsedAt) ? LogLevel.Warning : LogLevel.Debug, exception, Name);

    /// <summary>Logs, once, that a value has more dependencies than may be recorded.</summary>
    public void TooManyDependencies()
    {
        if (IsFirst(ref _loggedTooMany))
            Logger.TooManyDependencies(Name, MaximumDependencies);
    }

    /// <summary>Logs, once, that a key or a tag cannot be cached.</summary>
    public void CannotCache(ArgumentException refusal)
    {
        if (IsFirst(ref _loggedUncacheable))
            Logger.Uncacheable(Name, refusal.Message);
    }

    /// <summary>Logs, once, that a factory of a cache with another log has read this cache.</summary>
    public void ReadAcrossLogs(string by)
    {
        if (IsFirst(ref _loggedOtherLog))
            Logger.ReadAcrossLogs(Name, by);
    }

    /// <summary>Logs, once, that a factory has read a key of another partition, and therefore from the source.</summary>
    public void ReadAcrossPartitions()
    {
        if (IsFirst(ref _loggedOtherPartition))
            Logger.ReadAcrossPartitions(Name, LogName);
    }

    /// <summary>
    /// Returns the serialised form of a value written by a caller, if callers receive copies or the second level stores the value; otherwise null. Also returns the size of a
    /// value that its entry cannot measure.
    /// </summary>
    /// <param name="value">Value.</param>
    /// <param name="withRemote">Whether the second level stores the value.</param>
    /// <param name="isUnkept">True if the value must not be stored anywhere: too large, or not read back as written.</param>
    /// <exception cref="Exception">The value cannot be serialised.</exception>
    public (byte[]? Payload, long Size) PayloadOf<T>(T value, bool withRemote, out bool isUnkept)
    {
        var copy = Copies.Make(value, withRemote);
        if (copy is { IsUnwritten: true, Failure: { } failure })
            ExceptionDispatchInfo.Throw(failure);
        isUnkept = copy.IsTooLarge || copy.Failure is not null;
        return (copy.Payload, copy.Size);
    }

    /// <summary>Reads the value of an entry of this type, or a copy. An entry that can no longer be read is removed and counts as a miss.</summary>
    public bool TryRead<T>(Entry entry, [MaybeNullWhen(false)] out T value)
    {
        if (Copies.TryRead(entry, out value))
            return true;
        Entries.RemoveUnreadable(entry);
        return false;
    }

    /// <summary>Returns true if the value of a write is stored in the second level.</summary>
    public bool UsesRemote(in EntryLifetime life) =>
        Remote is not null && !life.Skips(HybridCacheEntryFlags.DisableDistributedCacheWrite) && life.Expiration > 0;

    /// <summary>True for the first failure after a quiet time.</summary>
    private bool IsNewOutage(ref long failedAt)
    {
        var now = Clock.Now;
        var last = Interlocked.Exchange(ref failedAt, now);
        return last == long.MinValue || now - last > Quiet;
    }

    /// <summary>True for one call with this flag, so that one of many concurrent calls logs.</summary>
    private static bool IsFirst(ref int flag) => Volatile.Read(ref flag) == 0 && Interlocked.Exchange(ref flag, 1) == 0;
}
