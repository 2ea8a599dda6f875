using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Connection;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// Invalidation log on a Redis server, shared by all processes that use the same server, key prefix and log name. The records are stored in a
/// stream that redis-cli can read.
/// </summary>
internal sealed class RedisInvalidationLog : IInvalidationLog
{
    private readonly GuardedLogger _logger;
    private readonly Lock _gate = new();
    private RedisLogSession[] _sessions = [];
    private int _loggedRecord;
    private int _selectors;
    private long _reports;
    private int _loggedPush;

    internal RedisInvalidationLog(
        RedisConnections hub, string name, RedisKeys keys, RedisLogSettings settings, GuardedLogger logger, PartitionCount? partitions = null, int partition = 0)
    {
        (Partitions, Partition) = (partitions ?? new PartitionCount(name, 1), partition);
        Hub = hub;
        hub.Scripts = RedisScripts.All;
        Name = name;
        Keys = keys;
        Settings = settings;
        Caches = new ListedCaches(keys);
        Scripts = new PartitionScripts(keys, name, Partitions, settings.RequestTimeout, hub.TimeProvider, logger);
        _logger = logger;
    }

    /// <summary>Called for each tail reply while selectors are listed, with the session, the link of the reply, the generation and the number of selectors.</summary>
    internal Action<RedisLogSession, RedisSession, Generation, int>? SelectorsListed { get; set; }

    /// <summary>Number of selectors listed in the latest tail reply, and number of tail replies so far.</summary>
    internal (int Count, long Reports) Selectors => (Volatile.Read(ref _selectors), Interlocked.Read(ref _reports));

    /// <summary>Called with the partition and the record when the log has accepted a record appended by a node of this process. Must not block.</summary>
    internal Action<int, InvalidationRecord>? Appended { get; set; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <summary>Number of this partition, starting at 0.</summary>
    internal int Partition { get; }

    internal PartitionCount Partitions { get; }

    internal RedisConnections Hub { get; }

    internal RedisKeys Keys { get; }

    internal RedisLogSettings Settings { get; }

    internal PartitionScripts Scripts { get; }

    /// <summary>Caches from which the keys named by a record are removed.</summary>
    internal ListedCaches Caches { get; }

    internal GenerationNumbers Generations { get; } = new();

    /// <summary>Newest open session, through which this process accesses values.</summary>
    internal RedisLogSession? Session => Volatile.Read(ref _sessions) is [.., var newest] ? newest : null;

    /// <summary>Opens the log for one node. The server does not have to be available: the observer is notified when a connection is open.</summary>
    /// <param name="observer">Observer that receives the notifications of the log.</param>
    public ILogSession Open(ILogObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var session = new RedisLogSession(this, observer);
        lock (_gate)
            _sessions = [.. _sessions, session];

        Hub.Add(session);
        Hub.Start();
        return session;
    }

    /// <summary>Closes all sessions of the log. Connections are closed by their creators.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in Volatile.Read(ref _sessions))
            await session.DisposeAsync().ConfigureAwait(false);
    }

    internal void Closed(RedisLogSession session)
    {
        lock (_gate)
            _sessions = [.. _sessions.Where(s => s != session)];
    }

    internal void Listed(RedisLogSession session, RedisSession link, Generation generation, int selectors)
    {
        Volatile.Write(ref _selectors, selectors);
        Interlocked.Increment(ref _reports);
        if (selectors > 0)
            SelectorsListed?.Invoke(session, link, generation, selectors);
    }

    /// <summary>Notes and reports that the server holds this partition in another number of partitions.</summary>
    /// <returns>The reason to refuse it.</returns>
    internal Exception Refuse(int stored)
    {
        if (Partitions.Refused(Partition, stored))
            _logger.OtherPartitionCount(Name, stored, Partitions.Count);

        return Partitions.Refusal(stored);
    }

    internal void LogRecordUnreadable()
    {
        if (Interlocked.Exchange(ref _loggedRecord, 1) == 0)
            _logger.RecordUnreadable(Name);
    }

    internal void LogPushUnreadable()
    {
        if (Interlocked.Exchange(ref _loggedPush, 1) == 0)
            _logger.PushUnreadable(Name);
    }
}
