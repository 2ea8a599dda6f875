using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Log;
using Unstale.Redis.Link;
using Unstale.Redis.Scripts;
using Unstale.Redis.Telemetry;

namespace Unstale.Redis.Log;

/// <summary>
/// An invalidation log on a Redis server, shared by all processes that name the same server, key prefix and log. Its records lie in a
/// stream that redis-cli can read.
/// </summary>
public sealed class RedisInvalidationLog : IInvalidationLog
{
    private readonly GuardedLogger _logger;
    private readonly Lock _gate = new();
    private RedisLogSession[] _sessions = [];
    private int _saidRecord;
    private int _broads;
    private long _reports;
    private int _saidPush;

    internal RedisInvalidationLog(
        RedisHub hub, string name, RedisKeys keys, RedisLogSettings settings, GuardedLogger logger, PartitionCount? partitions = null, int partition = 0)
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

    /// <summary>Called when a tail was answered while broad records are listed: the session, the link it came over, the generation and how many.</summary>
    internal Action<RedisLogSession, RedisLink, Generation, int>? BroadsListed { get; set; }

    /// <summary>How many broad records were listed when a tail was answered last, and how many answers there were.</summary>
    internal (int Count, long Reports) Broads => (Volatile.Read(ref _broads), Interlocked.Read(ref _reports));

    /// <summary>Called when the log has taken a record that a node of this process raised; must not wait.</summary>
    internal Action<InvalidationRecord>? Appended { get; set; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <summary>Number of the partition that it is, from 0.</summary>
    internal int Partition { get; }

    internal PartitionCount Partitions { get; }

    internal RedisHub Hub { get; }

    internal RedisKeys Keys { get; }

    internal RedisLogSettings Settings { get; }

    internal PartitionScripts Scripts { get; }

    /// <summary>The caches of which a record takes the keys that it names.</summary>
    internal ListedCaches Caches { get; }

    internal GenerationNumbers Generations { get; } = new();

    /// <summary>The newest session that is open: the way of this process's values.</summary>
    internal RedisLogSession? Session => Volatile.Read(ref _sessions) is [.., var newest] ? newest : null;

    /// <summary>Opens the log for one node. The server need not be there: the observer is told when it is.</summary>
    /// <param name="observer">Hears what the log says unasked.</param>
    public ILogSession Open(ILogObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        var session = new RedisLogSession(this, observer);
        lock (_gate)
        {
            _sessions = [.. _sessions, session];
        }

        Hub.Add(session);
        Hub.Start();
        return session;
    }

    /// <summary>Ends its sessions. The connections are ended by those who made them.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var session in Volatile.Read(ref _sessions))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal void Closed(RedisLogSession session)
    {
        lock (_gate)
        {
            _sessions = [.. _sessions.Where(s => s != session)];
        }
    }

    internal void Listed(RedisLogSession session, RedisLink link, Generation generation, int broads)
    {
        Volatile.Write(ref _broads, broads);
        Interlocked.Increment(ref _reports);
        if (broads > 0)
        {
            BroadsListed?.Invoke(session, link, generation, broads);
        }
    }

    /// <summary>Notes and reports that the server holds this partition in another number of partitions.</summary>
    /// <returns>The reason to refuse it.</returns>
    internal Exception Refuse(int stored)
    {
        if (Partitions.Refused(Partition, stored))
        {
            _logger.OtherPartitionCount(Name, stored, Partitions.Count);
        }

        return Partitions.Refusal(stored);
    }

    internal void SayRecordUnreadable()
    {
        if (Interlocked.Exchange(ref _saidRecord, 1) == 0)
        {
            _logger.RecordUnreadable(Name);
        }
    }

    internal void SayPushUnreadable()
    {
        if (Interlocked.Exchange(ref _saidPush, 1) == 0)
        {
            _logger.PushUnreadable(Name);
        }
    }
}
