using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Memory;
using Unstale.Values;

namespace Unstale.Node;

/// <summary>
/// Appends the invalidations of this node to the log: each is in force on this node at once, is sent in a batch, is queued again without a reply, and
/// is counted until the log has the record. Callers wait for a limited time.
/// </summary>
internal sealed class AppendQueue : IAppendReceiver, IAsyncDisposable
{
    private readonly string _log;
    private readonly PartitionHorizon _horizon;
    private readonly Sweeper _sweeper;
    private readonly NodeConnection _connection;
    private readonly TailLoop _tails;
    private readonly MonotonicClock _clock;
    private readonly OutageLog _outage;
    private readonly LagMeter _lags;
    private readonly Action _wake;
    private readonly AppendBatcher _batcher;
    private readonly CompletionQueue _completions = new();
    private readonly AppendTimeouts _timeouts;
    private readonly Action<PendingAppend> _endWait;
    private readonly double _timeout;

    /// <summary>Number of invalidations raised here and not yet in the log.</summary>
    private long _unsent;

    /// <summary>Number of unsent invalidations with a failed append. Changed under the horizon's lock.</summary>
    private long _failing;

    /// <summary>Start of the present outage, or of the node. Changed under the horizon's lock.</summary>
    private long _awaySince;
    private TaskCompletionSource? _drained;

    /// <param name="log">Name of the log.</param>
    /// <param name="horizon">Horizon that marks the invalidations and processes the replies.</param>
    /// <param name="sweeper">Reclaims the invalidated entries.</param>
    /// <param name="connection">Connection over which records are sent.</param>
    /// <param name="tails">Tails after which queued records are sent again.</param>
    /// <param name="clock">Clock of the timeouts.</param>
    /// <param name="timeout">Time for which a caller waits for the log.</param>
    /// <param name="outage">Reports failed appends.</param>
    /// <param name="lags">Measures how late the invalidations are in the log.</param>
    /// <param name="wake">Runs the work that the horizon requests.</param>
    public AppendQueue(
        string log,
        PartitionHorizon horizon,
        Sweeper sweeper,
        NodeConnection connection,
        TailLoop tails,
        MonotonicClock clock,
        TimeSpan timeout,
        OutageLog outage,
        LagMeter lags,
        Action wake)
    {
        (_log, _horizon, _sweeper, _connection, _tails, _clock, _outage, _lags, _wake) = (log, horizon, sweeper, connection, tails, clock, outage, lags, wake);
        _batcher = new AppendBatcher(horizon, connection, clock, this);
        _timeouts = new AppendTimeouts(clock, timeout, _completions);
        _timeout = timeout.TotalMilliseconds;
        _endWait = _completions.End;
        _awaySince = clock.Now;
    }

    /// <summary>Must be called before the first append.</summary>
    public void Start(ILogSession session) => _batcher.Start(session);

    /// <summary>Raises an invalidation. On return it is in force on this node; the operation reports whether the log has it.</summary>
    public ValueTask<Operation> RaiseAsync(InvalidationRecord record, StrongBox<long>?[]? counters, CancellationToken cancellationToken)
    {
        if (_connection.HasEnded)
            return ValueTask.FromException<Operation>(Errors.LogEnded(_log));
        var now = _clock.Now;
        var operation = New(record, now, counters);
        bool isSent, isAway;
        lock (_horizon.Gate)
        {
            _horizon.Raise(operation);
            isSent = MaySend_NeedsLock(operation);
            isAway = !isSent && now - _awaySince >= _timeout;
        }

        if (isSent)
            _batcher.Add(operation);
        if (!isAway)
            return WaitAsync(operation, cancellationToken);

        // Other callers have waited for this log in vain: the operation is queued, and appended when the log is back.
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Operation>(cancellationToken) : new(operation);
    }

    /// <summary>
    /// Starts an operation that the caller appends to the log. The operation is in force on this node at once, unless its record has a version and
    /// may be superseded. Such an operation is in force once acknowledged, queued or enforced.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The node has ended and cannot append the operation again.</exception>
    public Operation Begin(InvalidationRecord record)
    {
        if (_connection.HasEnded)
            throw Errors.LogEnded(_log);
        var operation = New(record, _clock.Now);
        if (record.Version is null)
            Enforce(operation);
        return operation;
    }

    /// <summary>Marks the targets as invalid on this node, regardless of the outcome of the append.</summary>
    public void Enforce(Operation operation)
    {
        lock (_horizon.Gate)
        {
            if (operation is { IsApplied: false, IsPending: false, CoveredBy: null })
                _horizon.Raise(operation);
        }
    }

    /// <summary>
    /// Waits until the log has the operation, at most for <see cref="NodeSettings.AppendTimeout"/> from this call. Must be called once per
    /// operation.
    /// </summary>
    public ValueTask<Operation> WaitAsync(Operation operation, CancellationToken cancellationToken)
    {
        if (operation.IsApplied)
            return new(operation);
        var append = (PendingAppend)operation;
        _timeouts.Add(append, _clock.Now);
        return append.WaitAsync(_endWait, cancellationToken);
    }

    /// <summary>Queues an operation without a reply. It is appended again with the next tail that succeeds, and a tail is requested soon.</summary>
    public void Requeue(Operation operation)
    {
        lock (_horizon.Gate)
        {
            if (operation.Failing == 0)
            {
                operation.Failing = 1;
                _failing++;
            }

            _horizon.Failed(operation);
        }

        _tails.RequestLater();
        _wake();
    }

    /// <summary>Passes the log's reply to the horizon.</summary>
    /// <returns>False if the record must be appended again, which is already arranged.</returns>
    public bool Acknowledge(Operation operation, in AppendReply reply, in RequestSnapshot snapshot)
    {
        var now = _clock.Now; // the replay window begins with the acknowledgement
        bool accepted, sweep, isOver;
        lock (_horizon.Gate)
        {
            accepted = _horizon.Acknowledged(operation, reply, snapshot, now);
            sweep = _horizon.Sweeps.IsUrgent;
            isOver = accepted && ForgetFailure_NeedsLock(operation);
        }

        if (sweep)
            _sweeper.Wake();
        if (accepted)
        {
            Report(operation);
            Accepted(isOver);
        }

        _wake();
        return accepted;
    }

    /// <summary>Sends an operation at the request of the horizon.</summary>
    public void Send(Operation operation)
    {
        bool isSent;
        lock (_horizon.Gate)
            isSent = MaySend_NeedsLock(operation);
        if (isSent)
            _batcher.Add(operation);
    }

    /// <summary>Ends the waits of operations that the log has.</summary>
    public void Applied(List<Operation> operations)
    {
        foreach (var operation in operations)
            Report(operation);
        var isOver = false;
        lock (_horizon.Gate)
        {
            foreach (var operation in operations)
                isOver |= ForgetFailure_NeedsLock(operation);
        }

        Accepted(isOver);
    }

    /// <summary>Records the start of an outage. The outage lasts while nothing may be sent, however often a connection is opened in vain.</summary>
    public void ConnectionChanges_NeedsLock() => _awaySince = _horizon.IsReady ? _clock.Now : _awaySince;

    /// <summary>Queues the records that wait to be sent over a lost connection.</summary>
    public void Disconnected()
    {
        foreach (var operation in _batcher.RemoveWaiting())
            Requeue(operation);
    }

    /// <summary>Returns the number of invalidations not in the log, including records of a lost generation not yet replayed.</summary>
    public long Undone_NeedsLock() => Volatile.Read(ref _unsent) + _horizon.Replaying;

    /// <summary>Waits until the log has accepted the queued invalidations, up to a limit.</summary>
    /// <returns>Number of invalidations not in the log.</returns>
    public async Task<long> DrainAsync(TimeSpan limit)
    {
        if (Undone() == 0)
            return 0;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _drained, drained);
        _tails.Request();
        if (Undone() > 0) // checked after the source was published: the thread that ends the last invalidation completes it
            await drained.Task.WaitAsync(limit, _clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Undone();
    }

    /// <summary>Ends all waits.</summary>
    public ValueTask DisposeAsync() => _timeouts.DisposeAsync();

    void IAppendReceiver.Replied(Operation operation, in AppendReply reply, in RequestSnapshot snapshot, int connection)
    {
        if (connection != _connection.Number)
        {
            Requeue(operation);
            return;
        }

        try
        {
            Acknowledge(operation, reply, snapshot);
        }
        catch (Exception exception)
        {
            AppendFailed(operation, exception);
        }
    }

    void IAppendReceiver.Failed(Operation operation, Exception exception) => AppendFailed(operation, exception);

    private void AppendFailed(Operation operation, Exception exception)
    {
        if (!_connection.HasEnded)
            _outage.AppendFailed(exception, Volatile.Read(ref _unsent));
        Requeue(operation);
    }

    private PendingAppend New(InvalidationRecord record, long now, StrongBox<long>?[]? counters = null)
    {
        Interlocked.Increment(ref _unsent);
        return new PendingAppend(record, now) { Partition = _horizon.Partition, Unsent = 1, Counters = counters, CalledAt = _lags.Begin() };
    }

    private bool MaySend_NeedsLock(Operation operation) => !_connection.HasEnded && _horizon.MaySend(operation);

    private void Report(Operation operation)
    {
        Interlocked.Add(ref _unsent, -operation.ResetUnsent());
        if (operation is not PendingAppend append || !append.ReportApplied())
            return;
        _completions.End(append);
        _lags.Applied(append.CalledAt);
    }

    private long Undone()
    {
        lock (_horizon.Gate)
            return Undone_NeedsLock();
    }

    /// <param name="nothingFails">Whether no invalidation with a failed append is left.</param>
    private void Accepted(bool nothingFails)
    {
        if (nothingFails)
            _outage.Accepted();
        if (Volatile.Read(ref _drained) is { } drained && Undone() == 0)
            drained.TrySetResult();
    }

    /// <summary>True if an append of the operation failed before, and no operation with a failed append is left.</summary>
    private bool ForgetFailure_NeedsLock(Operation operation)
    {
        if (operation.Failing == 0)
            return false;
        _failing -= operation.Failing;
        operation.Failing = 0;
        return _failing == 0;
    }
}
