using Microsoft.Extensions.Logging;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <summary>
/// One node of a log. Passes input from the log to its horizon, and appends invalidations to the log. Shared by all caches of this process that use
/// the log.
/// </summary>
internal sealed partial class LogNode : ILogObserver, IAsyncDisposable
{
    private readonly bool _isLocal;
    private readonly NodeSettings _settings;
    private readonly RecordOrigin _origin;
    private readonly MonotonicClock _clock;
    private readonly GuardedLogger _logger;
    private readonly LogMetrics _metrics;
    private readonly Sweeper _sweeper;
    private readonly TrustWatch _trust;
    private readonly OutageWatch _outage;
    private readonly RetryTimer _retry;
    private readonly Releases _releases = new();
    private readonly AppendDeadlines _deadlines;
    private readonly Action<OperationWait> _endWait;
    private readonly ILogSession _session;
    private readonly MemberWatch _members;
    private readonly ITimer? _heartbeat;
    private readonly DateTimeOffset _startedAt;
    private readonly long _startedTick;

    /// <summary>Number of the connection. A reply over an abandoned connection must not be mistaken for one of the current connection.</summary>
    private int _connection;
    private int _disposed;
    private volatile bool _isConnected;
    private long _awaySince;

    /// <param name="log">Log, or one partition of a log.</param>
    /// <param name="origin">Origin of the records raised here.</param>
    /// <param name="settings">Limits and times.</param>
    /// <param name="clock">Clock for limits and times.</param>
    /// <param name="logger">Logger for outages.</param>
    /// <param name="metrics">Counts invalidations and reports the state.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    public LogNode(
        IInvalidationLog log, RecordOrigin origin, NodeSettings settings, MonotonicClock clock, GuardedLogger logger, LogMetrics metrics, int partition = 0)
    {
        _isLocal = log.IsLocal;
        _settings = settings;
        _origin = origin;
        _clock = clock;
        _logger = logger;
        _metrics = metrics;
        Name = log.Name;
        _startedAt = clock.Provider.GetUtcNow();
        _startedTick = _awaySince = clock.Now;
        _endWait = _releases.End;
        _deadlines = new AppendDeadlines(clock, settings.AppendDeadline, _releases);
        Horizon = new PartitionHorizon(settings.Horizon with { IsLocal = log.IsLocal, Partition = partition }, target => NewRecord(target, "too many invalidations were waiting"));
        _sweeper = new Sweeper(Horizon, clock);
        _trust = new TrustWatch(Name, settings.Horizon.StalenessBound, logger);
        _outage = new OutageWatch(Name, logger);
        _retry = new RetryTimer(clock, settings.Heartbeat, RequestTail);
        _closed = _closing.Token;
        _members = new MemberWatch(
            () => _session!.MembersAsync(Horizon.Partition, CancellationToken.None).AsTask().WaitAsync(AskLimit, clock.Provider),
            () => clock.Now,
            settings.Horizon.StalenessBound);
        metrics.Follow(GetState);
        _session = log.Open(this);
        RequestTail();
        if (!_isLocal)
            _heartbeat = clock.CreateTimer(static node => ((LogNode)node!).Beat(), this);
        _heartbeat?.Change(settings.NextBeat(), Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }

    /// <summary>
    /// Number of the connection, incremented on every connect and disconnect. The outcome of a request over another connection is unknown.
    /// </summary>
    public int Connection => Volatile.Read(ref _connection);

    public PartitionHorizon Horizon { get; }

    public Sweeper Sweeper => _sweeper;

    public void Add(IRecordListener listener)
    {
        lock (Horizon.Gate)
            Horizon.Add(listener);
    }

    public InvalidationRecord NewRecord(in InvalidationTarget target, string? reason)
    {
        Count(target.Kind);
        return new InvalidationRecord(NewId(), target, _origin, RoughTime(), reason, Trace());
    }

    /// <summary>Creates a record of one key that reports a version.</summary>
    public InvalidationRecord NewRecord(string key, in KeyVersion version, string reason)
    {
        Count(TargetKind.Key);
        return new InvalidationRecord(NewId(), InvalidationTarget.ForKey(key), _origin, RoughTime(), reason, Trace()) { Version = version };
    }

    public InvalidationRecord NewRecord(Invalidation invalidation)
    {
        foreach (ref readonly var item in invalidation.Items.Span)
            Count(item.Target.Kind);
        return new InvalidationRecord(NewId(), invalidation, _origin, RoughTime(), Trace());
    }

    public void Connected()
    {
        Interlocked.Increment(ref _connection);
        _isConnected = true;
        lock (Horizon.Gate)
        {
            NoteAway_NeedsLock();
            Horizon.Connected();
        }

        _retry.Reset();
        if (_session is not null) // the first connection may open before the session is assigned
            RequestTail();
    }

    public void Disconnected()
    {
        Interlocked.Increment(ref _connection);
        _isConnected = false;
        lock (Horizon.Gate)
        {
            NoteAway_NeedsLock();
            Horizon.Disconnected();
        }
    }

    /// <summary>Records the start of an outage. The outage lasts while nothing may be sent, however often a connection is opened in vain.</summary>
    private void NoteAway_NeedsLock() => _awaySince = Horizon.IsReady ? _clock.Now : _awaySince;

    public void Pushed(int partition, Generation generation, LoggedRecord record)
    {
        bool wake;
        lock (Horizon.Gate)
        {
            Horizon.Pushed(generation, record);
            wake = Horizon.Sweeps.IsUrgent;
        }

        if (wake)
            _sweeper.Wake();
        Wake();
    }

    public void Missed(int partition) => RequestTail();

    /// <summary>Runs the work requested by the horizon. Called without the horizon's lock.</summary>
    public void Wake()
    {
        _news.Tell();
        while (Horizon.HasEffects)
        {
            HorizonEffects? effects;
            lock (Horizon.Gate)
                effects = Horizon.TakeEffects();
            if (effects is not null)
                Run(effects);
        }
    }

    private void Run(HorizonEffects effects)
    {
        foreach (var operation in effects.Applied)
            TellApplied(operation);
        if (effects.Applied.Count > 0)
            TellTaken(ForgetFailures(effects.Applied));
        foreach (var operation in effects.Append)
            Send(operation);
        if (effects.Forgotten)
        {
            lock (Horizon.Gate)
                Horizon.Recent.Date(RoughTime());
            if (effects.IsBroken)
                _logger.GenerationChanged(Name, Horizon.Partition);
            else
                _logger.FellBehind(Name, Horizon.Partition);
            _sweeper.Wake();
        }

        if (effects.CreateInstead is { } generation)
            _ = WithoutExecutionContext.Start((Node: this, generation), static s => s.Node.CreateAsync(s.generation));
        if (effects.Tail)
            RequestTail();
    }

    /// <summary>Counts an invalidation. A target of every partition is one invalidation, counted by the first partition.</summary>
    private void Count(TargetKind kind)
    {
        if (KeyPartition.Reports(Horizon.Partition, kind))
            _metrics.Invalidation((int)kind);
    }

    /// <summary>Returns the time to the millisecond, from the monotonic clock. Used in records for information only.</summary>
    private DateTimeOffset RoughTime() => _startedAt.AddMilliseconds(_clock.Now - _startedTick);

    private static string? Trace() => System.Diagnostics.Activity.Current?.Id;

    private static long NewId() => Random.Shared.NextInt64(1, long.MaxValue);
}
