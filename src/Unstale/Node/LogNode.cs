using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// One node of a log: passes the notifications of the log to its parts, and runs the work that the horizon requests. Shared by all caches of this process
/// that use the log.
/// </summary>
internal sealed class LogNode : ILogObserver, IAsyncDisposable
{
    private readonly bool _isLocal;
    private readonly NodeSettings _settings;
    private readonly MonotonicClock _clock;
    private readonly GuardedLogger _logger;
    private readonly LogMetrics _metrics;
    private readonly NodeConnection _connection = new();
    private readonly AsyncSignal _changed = new();
    private readonly OutageLog _outage;
    private readonly RecordFactory _records;
    private readonly TailLoop _tails;
    private readonly AppendQueue _appends;
    private readonly LocalAppends _localAppends;
    private readonly PositionWaiter _positions;
    private readonly ConvergenceWaiter _convergence;
    private readonly RemoteReclaimWaiter _remoteReclaim;
    private readonly ILogSession _session;
    private readonly ITimer? _heartbeat;
    private readonly long _startedTick;
    private int _disposed;

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
        (_isLocal, _settings, _clock, _logger, _metrics) = (log.IsLocal, settings, clock, logger, metrics);
        Name = log.Name;
        _startedTick = clock.Now;
        _records = new RecordFactory(origin, partition, clock, metrics);
        _outage = new OutageLog(Name, settings.Horizon.StalenessBound, logger);
        Horizon = new PartitionHorizon(settings.Horizon with { IsLocal = log.IsLocal, Partition = partition }, target => NewRecord(target, "too many invalidations were waiting"));
        Sweeper = new Sweeper(Horizon, clock);
        Lags = new LagMeter(metrics, origin.Node, clock);
        _tails = new TailLoop(Horizon, _connection, clock, settings.Heartbeat, _outage, _changed, Lags, Wake);
        _appends = new AppendQueue(Name, Horizon, Sweeper, _connection, _tails, clock, settings.AppendTimeout, _outage, Lags, Wake);
        _localAppends = new LocalAppends(Horizon, Sweeper, _records, clock, Lags);
        _positions = new PositionWaiter(Horizon, _tails, _changed, clock, settings.Horizon);
        _convergence = new ConvergenceWaiter(Name, Horizon, _tails.Generations, _changed, clock, settings);
        _remoteReclaim = new RemoteReclaimWaiter(Name, Horizon, _connection, clock);
        metrics.Follow(GetState, () => Unmatched().Count);
        _session = log.Open(this);
        _appends.Start(_session);
        _localAppends.Start(_session);
        _convergence.Start(_session, _isLocal);
        _tails.Start(_session);
        if (!_isLocal)
            _heartbeat = clock.CreateTimer(static node => ((LogNode)node!).Beat(), this);
        _heartbeat?.Change(settings.NextBeat(), Timeout.InfiniteTimeSpan);
    }

    public string Name { get; }

    /// <summary>
    /// Number of the connection, incremented on every connect and disconnect. The outcome of a request over another connection is unknown.
    /// </summary>
    public int Connection => _connection.Number;

    public PartitionHorizon Horizon { get; }

    public Sweeper Sweeper { get; }

    /// <summary>Measures how late invalidations are in force.</summary>
    public LagMeter Lags { get; }

    public void Add(IRecordListener listener)
    {
        lock (Horizon.Gate)
            Horizon.Add(listener);
    }

    public InvalidationRecord NewRecord(in InvalidationTarget target, string? reason) => _records.Create(target, reason);

    /// <summary>Creates a record of one key that reports a version.</summary>
    public InvalidationRecord NewRecord(string key, in KeyVersion version, string reason) => _records.Create(key, version, reason);

    public InvalidationRecord NewRecord(Invalidation invalidation) => _records.Create(invalidation);

    /// <summary>Raises an invalidation. On return it is in force on this node; the operation reports whether the log has it.</summary>
    /// <param name="record">Record of the invalidation.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<Operation> RaiseAsync(InvalidationRecord record, CancellationToken cancellationToken) =>
        _isLocal ? new(_localAppends.Raise(record, null)) : _appends.RaiseAsync(record, null, cancellationToken);

    /// <summary>Raises one record of an event.</summary>
    /// <param name="part">Targets of the record; at most as many as one record may have.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<Operation> RaiseAsync(Invalidation part, CancellationToken cancellationToken)
    {
        var record = NewRecord(part);
        return _isLocal ? new(_localAppends.Raise(record, part.Counters())) : _appends.RaiseAsync(record, part.Counters(), cancellationToken);
    }

    /// <inheritdoc cref="LocalAppends.TryRaise"/>
    public LocalReceipt? TryRaise(LogPartitions log, in InvalidationTarget target, string? reason) =>
        _isLocal ? _localAppends.TryRaise(log, target, reason) : null;

    /// <inheritdoc cref="RecordFactory.Create(long, in InvalidationTarget, long, string?, string?)"/>
    public InvalidationRecord RecordOf(long id, in InvalidationTarget target, long time, string? reason, string? trace) =>
        _records.Create(id, target, time, reason, trace);

    /// <summary>Returns the position of a sequence in the current generation.</summary>
    public LogPosition PositionAt(long sequence)
    {
        lock (Horizon.Gate)
            return Horizon.Position with { Sequence = sequence };
    }

    /// <summary>Returns the current state of the node, to judge a reply against.</summary>
    public RequestSnapshot Snapshot()
    {
        lock (Horizon.Gate)
            return Horizon.Snapshot(_clock.Now);
    }

    /// <inheritdoc cref="AppendQueue.Acknowledge"/>
    public bool Acknowledge(Operation operation, in AppendReply reply, in RequestSnapshot snapshot) =>
        _appends.Acknowledge(operation, reply, snapshot);

    /// <inheritdoc cref="AppendQueue.Begin"/>
    public Operation Begin(InvalidationRecord record) => _appends.Begin(record);

    /// <inheritdoc cref="AppendQueue.Enforce"/>
    public void Enforce(Operation operation) => _appends.Enforce(operation);

    /// <inheritdoc cref="AppendQueue.Requeue"/>
    public void Requeue(Operation operation) => _appends.Requeue(operation);

    /// <inheritdoc cref="AppendQueue.WaitAsync"/>
    public ValueTask<Operation> WaitAsync(Operation operation, CancellationToken cancellationToken) => _appends.WaitAsync(operation, cancellationToken);

    /// <inheritdoc cref="PositionWaiter.WaitForPositionAsync"/>
    public ValueTask<PositionStatus> WaitForPositionAsync(LogPositions positions, TimeSpan limit, CancellationToken cancellationToken) =>
        _positions.WaitForPositionAsync(positions, limit, cancellationToken);

    /// <inheritdoc cref="PositionWaiter.TrustedAsync"/>
    public Task TrustedAsync(TimeSpan limit, GuardedTime time, CancellationToken cancellationToken) => _positions.TrustedAsync(limit, time, cancellationToken);

    /// <inheritdoc cref="PositionWaiter.ConfirmAsync"/>
    public Task ConfirmAsync(long after, int epoch, CancellationToken cancellationToken) => _positions.ConfirmAsync(after, epoch, cancellationToken);

    /// <inheritdoc cref="ConvergenceWaiter.WaitForAllNodesAsync"/>
    public ValueTask WaitForAllNodesAsync(Operation[] operations, CancellationToken cancellationToken) =>
        _convergence.WaitForAllNodesAsync(operations, cancellationToken);

    /// <inheritdoc cref="RemoteReclaimWaiter.WaitAsync"/>
    public ValueTask<long?> WaitForRemoteReclaimAsync(Operation operation, CancellationToken cancellationToken) =>
        _remoteReclaim.WaitAsync(operation, _session, cancellationToken);

    /// <inheritdoc cref="ConvergenceWaiter.PositionOf"/>
    public LogPosition PositionOf(IEnumerable<Operation> records) => _convergence.PositionOf(records);

    public LogState GetState()
    {
        var now = _clock.Now;
        lock (Horizon.Gate)
        {
            TimeSpan? since = _isLocal ? TimeSpan.Zero : Horizon.LastConfirmed is { } at ? TimeSpan.FromMilliseconds(Math.Max(0, now - at)) : null;
            return new LogState(
                Name, Horizon.View.IsTrusted(now), Horizon.IsReady, Horizon.Position, since, _appends.Undone_NeedsLock(), Horizon.Forgotten);
        }
    }

    /// <summary>Returns the number of own invalidations of tags that had no cell, and the newest of these tags.</summary>
    public (long Count, string[] Newest) Unmatched()
    {
        lock (Horizon.Gate)
            return (Horizon.Unmatched.Count, Horizon.Unmatched.Newest());
    }

    /// <summary>Notes an invalidation of a tag that has no cell in any partition.</summary>
    public void NoteUnmatched(string tag)
    {
        lock (Horizon.Gate)
            Horizon.Unmatched.Note(tag);
    }

    /// <summary>Whether an entry or a running load of the partition carries the tag.</summary>
    public bool IsCarried(string tag)
    {
        lock (Horizon.Gate)
            return Horizon.Tags.TryFind(tag, out _);
    }

    /// <summary>Allows a cache of this log to serve longer than the bound. Reported to other nodes with the next tail.</summary>
    public void ServeBeyond(TimeSpan time)
    {
        lock (Horizon.Gate)
            Horizon.ServeBeyond((long)time.TotalMilliseconds);
    }

    /// <inheritdoc cref="TrustWindow.Suspend"/>
    public void SuspendTrust(bool isSuspended)
    {
        lock (Horizon.Gate)
            Horizon.SuspendTrust(isSuspended);
        _changed.Set();
    }

    public void Connected()
    {
        _connection.Change(isOpen: true);
        lock (Horizon.Gate)
        {
            _appends.ConnectionChanges_NeedsLock();
            Horizon.Connected();
        }

        _tails.Connected();
    }

    public void Disconnected()
    {
        _connection.Change(isOpen: false);
        lock (Horizon.Gate)
        {
            _appends.ConnectionChanges_NeedsLock();
            Horizon.Disconnected();
        }

        _appends.Disconnected();
    }

    public void Pushed(int partition, Generation generation, LoggedRecord record)
    {
        bool wake;
        long before, after;
        lock (Horizon.Gate)
        {
            before = Horizon.Cursor;
            Horizon.Pushed(generation, record);
            after = Horizon.Cursor;
            wake = Horizon.Sweeps.IsUrgent;
        }

        if (wake)
            Sweeper.Wake();
        Wake();
        Lags.Received(record, before, after);
    }

    public void Missed(int partition) => _tails.Request();

    /// <summary>Runs the work requested by the horizon. Called without the horizon's lock.</summary>
    public void Wake()
    {
        _changed.Set();
        while (Horizon.HasEffects)
        {
            HorizonEffects? effects;
            lock (Horizon.Gate)
                effects = Horizon.DequeueEffects();
            if (effects is not null)
                Run(effects);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        var began = _clock.Now;
        if (!_isLocal && await _appends.DrainAsync(_settings.ShutdownTimeout).ConfigureAwait(false) is var lost and > 0)
            _logger.InvalidationsLost(Name, lost, _settings.ShutdownTimeout);
        _connection.End();
        await _convergence.CloseAsync().ConfigureAwait(false);
        if (_heartbeat is not null)
            await _heartbeat.DisposeAsync().ConfigureAwait(false);
        await _tails.DisposeAsync().ConfigureAwait(false);
        await _appends.DisposeAsync().ConfigureAwait(false);
        await Sweeper.DisposeAsync().ConfigureAwait(false);
        var left = Math.Max(0, (long)_settings.ShutdownTimeout.TotalMilliseconds - (_clock.Now - began));
        try
        {
            await EndSessionAsync(TimeSpan.FromMilliseconds(left)).ConfigureAwait(false);
        }
        finally
        {
            await _convergence.DisposeAsync().ConfigureAwait(false);
            _metrics.Dispose();
        }
    }

    private async Task EndSessionAsync(TimeSpan limit)
    {
        var end = _session.DisposeAsync().AsTask();
        await end.WaitAsync(limit, _clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (end.IsFaulted)
            await end.ConfigureAwait(false);
    }

    private void Run(HorizonEffects effects)
    {
        if (effects.Applied.Count > 0)
            _appends.Applied(effects.Applied);
        foreach (var operation in effects.Append)
            _appends.Send(operation);
        if (effects.Forgotten)
        {
            lock (Horizon.Gate)
                Horizon.Recent.Date(_records.Time);
            if (effects.IsBroken)
                _logger.GenerationChanged(Name, Horizon.Partition);
            else
                _logger.FellBehind(Name, Horizon.Partition);
            Sweeper.Wake();
        }

        if (effects.CreateInstead is { } generation)
            _tails.Create(generation);
        if (effects.Tail)
            _tails.Request();
    }

    private void Beat()
    {
        var now = _clock.Now;
        bool isTrusted;
        long since;
        lock (Horizon.Gate)
        {
            isTrusted = Horizon.View.IsTrusted(now);
            since = now - (Horizon.LastConfirmed ?? _startedTick);
        }

        try
        {
            _outage.TrustChecked(isTrusted, since);
            _tails.Request();
        }
        finally
        {
            _heartbeat!.Change(_settings.NextBeat(), Timeout.InfiniteTimeSpan);
        }
    }
}
