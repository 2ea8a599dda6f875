using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>What the loading of one cache works with.</summary>
/// <param name="Name">The cache's name.</param>
/// <param name="Horizon">The horizon it obeys.</param>
/// <param name="Entries">What it holds.</param>
/// <param name="Remote">The second level, if there is one.</param>
/// <param name="Codecs">How values are copied.</param>
/// <param name="Clock">The time.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Logger">What is said.</param>
/// <param name="MaximumPayload">The largest value kept, in bytes.</param>
/// <param name="MaximumKeyLength">The longest key, and the longest tag.</param>
/// <param name="MaximumDependencies">How much one value may be made from.</param>
/// <param name="Wake">To be called, without the lock, when the horizon may want something done.</param>
/// <param name="ConfirmAsync">Waits for the answer to a tail begun after those given, while the epoch lasts.</param>
internal sealed record StoreContext(
    string Name,
    PartitionHorizon Horizon,
    EntryStore Entries,
    IRemoteStore? Remote,
    CodecTable Codecs,
    MonotonicClock Clock,
    CacheMetrics Metrics,
    GuardedLogger Logger,
    int MaximumPayload,
    int MaximumKeyLength,
    int MaximumDependencies,
    Action Wake,
    Func<long, int, CancellationToken, Task> ConfirmAsync)
{
    /// <summary>An outage is over when nothing failed for that long.</summary>
    private const long Quiet = 60_000;

    private long _remoteFailedAt = long.MinValue;
    private int _saidTooMany;
    private int _saidOtherLog;
    private int _saidOtherPartition;

    /// <summary>Name of the log that the cache obeys.</summary>
    public required string LogName { get; init; }

    /// <summary>Whether the keys of the log lie in several partitions, of which the horizon is one.</summary>
    public bool IsPartitioned { get; init; }

    /// <summary>Makes the copies that callers get, and reads what is kept.</summary>
    public ValueCopies Copies { get; } = new(Name, Codecs, MaximumPayload, Logger);

    /// <summary>Which shape its values have.</summary>
    public int ContentVersion { get; init; }

    /// <summary>What was declared for a key: the tags, and the marks of keys, that any value of it carries. Null: nothing was.</summary>
    public Func<string, IReadOnlyList<string>>? DeclaredOf { get; init; }

    /// <summary>Told of each value that is kept here, with all it carries. Called under the horizon's lock: it must be cheap.</summary>
    public Action<string, string[]>? Kept { get; init; }

    /// <summary>Whether the running code is part of a unit of work, which may not come about.</summary>
    public required Func<bool> IsInUnitOfWork { get; init; }

    /// <summary>Makes the service scopes of loads.</summary>
    public required IServiceScopeFactory Scopes { get; init; }

    /// <summary>Takes the running flow out of the units of work and bypasses that it was started in.</summary>
    public required Action LeaveUnitOfWork { get; init; }

    /// <summary>A call of the second level failed. Said aloud once in an outage; what follows is for who looks closely.</summary>
    public void RemoteFailed(Exception exception)
    {
        var now = Clock.Now;
        var last = Interlocked.Exchange(ref _remoteFailedAt, now);
        var isNew = last == long.MinValue || now - last > Quiet;
        Logger.RemoteStoreFailed(isNew ? LogLevel.Warning : LogLevel.Debug, exception, Name);
    }

    /// <summary>A value was made from more than may be recorded. Said once.</summary>
    public void TooManyDependencies()
    {
        if (Interlocked.Exchange(ref _saidTooMany, 1) == 0) // of many at once, one says it
            Logger.TooManyDependencies(Name, MaximumDependencies);
    }

    /// <summary>This cache was read by a factory of a cache that obeys another log. Said once.</summary>
    public void ReadAcrossLogs(string by)
    {
        if (Volatile.Read(ref _saidOtherLog) == 0 && Interlocked.Exchange(ref _saidOtherLog, 1) == 0) // of many at once, one says it
            Logger.ReadAcrossLogs(Name, by);
    }

    /// <summary>A factory read a key of another partition than its own, and so from the source. Logged once.</summary>
    public void ReadAcrossPartitions()
    {
        if (Volatile.Read(ref _saidOtherPartition) == 0 && Interlocked.Exchange(ref _saidOtherPartition, 1) == 0) // one of many logs it
            Logger.ReadAcrossPartitions(Name, LogName);
    }

    /// <summary>The serialised form of a value that a caller writes and of which callers get copies, or that goes into the second level; null for others.</summary>
    /// <param name="value">The value.</param>
    /// <param name="withRemote">Whether it goes into the second level.</param>
    /// <param name="isUnkept">True if it must not be kept anywhere: it is too large, or was not read back as it was written.</param>
    /// <exception cref="Exception">It cannot be written.</exception>
    public byte[]? PayloadOf<T>(T value, bool withRemote, out bool isUnkept)
    {
        var copy = Copies.Make(value, withRemote);
        if (copy is { IsUnwritten: true, Failure: { } failure })
            ExceptionDispatchInfo.Throw(failure);
        isUnkept = copy.IsTooLarge || copy.Failure is not null;
        return copy.Payload;
    }

    /// <summary>The value of an entry of this type, or a copy of it. One that cannot be read any more is taken out, and is a miss.</summary>
    public bool TryRead<T>(Entry entry, [MaybeNullWhen(false)] out T value)
    {
        if (Copies.TryRead(entry, out value))
            return true;
        Entries.RemoveUnreadable(entry);
        return false;
    }
}
