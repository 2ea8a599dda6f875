using System.Runtime.CompilerServices;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <content>Appends of invalidations to the log, and the tails between.</content>
internal sealed partial class LogNode
{
    private const int MostIdleCalls = 256;

    /// <summary>Calls for reuse. Changed under the horizon's lock.</summary>
    private readonly Stack<AppendCall> _idleCalls = [];

    private int _tailing;
    private int _tailAgain;

    /// <summary>Whether the next tail confirms the history. False if only clients' positions request the tail.</summary>
    private int _tailConfirms;

    /// <summary>Raises an invalidation. On return it is in force on this node; the operation reports whether the log has it.</summary>
    public ValueTask<Operation> RaiseAsync(InvalidationRecord record, CancellationToken cancellationToken) => RaiseAsync(record, null, cancellationToken);

    private ValueTask<Operation> RaiseAsync(InvalidationRecord record, StrongBox<long>?[]? counters, CancellationToken cancellationToken)
    {
        if (!_isLocal)
            return RaiseRemoteAsync(record, counters, cancellationToken);

        // Between the reply of a local log and its mark, only work that began before this method returns can happen.
        var operation = new Operation(record, _clock.Now) { Partition = Horizon.Partition, Counters = counters };
        var append = _session.AppendAsync(Horizon.Partition, record, CancellationToken.None);
        Acknowledge(operation, append.IsCompletedSuccessfully ? append.Result : append.AsTask().GetAwaiter().GetResult(), default);
        return new ValueTask<Operation>(operation);
    }

    /// <summary>Raises one record of an event.</summary>
    /// <param name="part">Targets of the record; at most as many as one record may have.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    public ValueTask<Operation> RaiseAsync(Invalidation part, CancellationToken cancellationToken) =>
        RaiseAsync(NewRecord(part), part.Counters(), cancellationToken);

    /// <summary>Returns the current state of the node, to judge a reply against.</summary>
    public AskedAt Ask()
    {
        lock (Horizon.Gate)
            return Horizon.Ask(_clock.Now);
    }

    /// <summary>Passes a log's reply to the horizon.</summary>
    /// <returns>False if the record must be appended again, which is already arranged.</returns>
    public bool Acknowledge(Operation operation, in AppendReply reply, in AskedAt asked) => Acknowledge(operation, reply, asked, null);

    private bool Acknowledge(Operation operation, in AppendReply reply, in AskedAt asked, AppendCall? answered)
    {
        // The replay window begins with the acknowledgement; a local log stores nothing for replay.
        var now = _isLocal ? operation.StartedAt : _clock.Now;
        bool taken, sweep, isOver;
        lock (Horizon.Gate)
        {
            taken = Horizon.Acknowledged(operation, reply, asked, now);
            sweep = Horizon.Sweeps.IsUrgent;
            isOver = taken && ForgetFailure_NeedsLock(operation);
            if (answered is not null && _idleCalls.Count < MostIdleCalls)
            {
                answered.Clear();
                _idleCalls.Push(answered);
            }
        }

        if (sweep)
            _sweeper.Wake();
        if (!_isLocal)
        {
            if (taken)
            {
                TellApplied(operation);
                TellTaken(isOver);
            }

            Wake();
        }

        return taken;
    }

    /// <summary>
    /// Starts an operation that the caller appends to the log. The operation is in force on this node at once, unless its record has a version and
    /// may be superseded. Such an operation is in force once acknowledged, queued or enforced.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The node has ended and cannot append the operation again.</exception>
    public Operation Begin(InvalidationRecord record)
    {
        if (_hasEnded)
            throw Errors.LogEnded(Name);
        var operation = Waited(record, _clock.Now);
        if (record.Version is null)
            Enforce(operation);
        return operation;
    }

    /// <summary>Marks the targets as invalid on this node, regardless of the outcome of the append.</summary>
    public void Enforce(Operation operation)
    {
        lock (Horizon.Gate)
        {
            if (operation is { IsApplied: false, IsPending: false, CoveredBy: null })
                Horizon.Raise(operation);
        }
    }

    private Operation Waited(InvalidationRecord record, long now, StrongBox<long>?[]? counters = null)
    {
        var operation = new Operation(record, now) { Partition = Horizon.Partition, Unsent = 1, Counters = counters };
        operation.Wait = new OperationWait(operation);
        Interlocked.Increment(ref _unsent);
        return operation;
    }

    /// <summary>Queues an operation without a reply. It is appended again with the next tail that succeeds, and a tail is requested soon.</summary>
    public void Requeue(Operation operation)
    {
        lock (Horizon.Gate)
        {
            if (operation.Failing == 0)
            {
                operation.Failing = 1;
                _failing++;
            }

            Horizon.Failed(operation);
        }

        _retry.Failed();
        Wake();
    }

    /// <summary>
    /// Waits until the log has the operation, at most for <see cref="NodeSettings.AppendDeadline"/> from this call. Must be called once per
    /// operation.
    /// </summary>
    public ValueTask<Operation> WaitAsync(Operation operation, CancellationToken cancellationToken)
    {
        if (operation.Wait is not { } wait || operation.IsApplied)
            return new(operation);
        _deadlines.Add(wait, _clock.Now);
        return wait.BeginAsync(_endWait, cancellationToken);
    }

    private ValueTask<Operation> RaiseRemoteAsync(
        InvalidationRecord record, StrongBox<long>?[]? counters, CancellationToken cancellationToken)
    {
        if (_hasEnded)
            return ValueTask.FromException<Operation>(Errors.LogEnded(Name));
        var now = _clock.Now;
        var operation = Waited(record, now, counters);
        var connection = Volatile.Read(ref _connection);
        AppendCall? call;
        bool isAway;
        lock (Horizon.Gate)
        {
            Horizon.Raise(operation);
            call = Call_NeedsLock(operation, connection, now);
            isAway = call is null && now - _awaySince >= _settings.AppendDeadline.TotalMilliseconds;
        }

        call?.Send(_session);
        if (!isAway)
            return WaitAsync(operation, cancellationToken);

        // Other callers have waited for this log in vain: the operation is queued, and appended when the log is back.
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<Operation>(cancellationToken) : new(operation);
    }

    private void Send(Operation operation)
    {
        var connection = Volatile.Read(ref _connection);
        AppendCall? call;
        lock (Horizon.Gate)
            call = Call_NeedsLock(operation, connection, _clock.Now);
        call?.Send(_session);
    }

    /// <summary>Returns the call to send; null if the operation was queued.</summary>
    private AppendCall? Call_NeedsLock(Operation operation, int connection, long now)
    {
        var asked = Horizon.Ask(now);
        if (_hasEnded || !Horizon.MaySend(operation))
            return null;
        var call = _idleCalls.TryPop(out var idle) ? idle : new AppendCall(this);
        return call.For(operation, connection, asked);
    }

    /// <summary>Processes the log's reply to an append.</summary>
    public void Appended(AppendCall call, in AppendReply reply)
    {
        if (call.Connection == Volatile.Read(ref _connection))
            Acknowledge(call.Operation, reply, call.Asked, call);
        else
            Requeue(call.Operation);
    }

    public void AppendFailed(Operation operation, Exception exception)
    {
        if (!_hasEnded)
            _outage.AppendFailed(exception, Volatile.Read(ref _unsent));
        Requeue(operation);
    }

    /// <summary>Ends the wait of an operation, once only: a replayed record was applied before.</summary>
    private void TellApplied(Operation operation)
    {
        Interlocked.Add(ref _unsent, -operation.TakeUnsent());
        if (operation.Wait is not { } wait || !wait.Tell())
            return;
        operation.Wait = null;
        _releases.End(wait);
    }

    /// <summary>Requests the missing records from the log. During a pending request, one more follows.</summary>
    private void RequestTail() => RequestTail(confirms: true);

    private void RequestTail(bool confirms)
    {
        if (confirms)
            Volatile.Write(ref _tailConfirms, 1);
        Volatile.Write(ref _tailAgain, 1);
        if (Interlocked.Exchange(ref _tailing, 1) == 0)
            _ = WithoutExecutionContext.Start(this, static node => node.TailAsync()); // a log that never replies would retain the caller's context
    }

    private async Task TailAsync()
    {
        do
        {
            while (Interlocked.Exchange(ref _tailAgain, 0) == 1)
                await TailOnceAsync().ConfigureAwait(false);
            Volatile.Write(ref _tailing, 0);
        }
        while (Volatile.Read(ref _tailAgain) == 1 && Interlocked.Exchange(ref _tailing, 1) == 0);
    }

    private async Task TailOnceAsync()
    {
        if (_hasEnded)
            return;
        var connection = Volatile.Read(ref _connection);
        AskedAt asked;
        TailRequest request;
        lock (Horizon.Gate)
        {
            request = Horizon.NextTail(Interlocked.Exchange(ref _tailConfirms, 0) == 1);
            asked = Horizon.Ask(_clock.Now);
        }

        try
        {
            var reply = await _session.TailAsync(request, CancellationToken.None).ConfigureAwait(false);
            if (connection != Volatile.Read(ref _connection))
            {
                TailUnanswered(asked.Tails);
                return;
            }

            bool isFollowed;
            lock (Horizon.Gate)
            {
                var wasTrusted = Horizon.View.IsTrusted(_clock.Now);
                Horizon.Tailed(reply, asked);
                TailAnswered_NeedsLock(wasTrusted);
                isFollowed = Horizon.Position.Generation != Generation.None;
            }

            Wake();
            if (isFollowed)
                _outage.Followed();
        }
        catch (Exception exception)
        {
            CannotFollow(exception);
            TailUnanswered(asked.Tails);
        }
    }

    /// <summary>
    /// Reports a failed tail and schedules a retry. Without a connection no tail can succeed: the log reports the cause itself, and the next
    /// connection begins with a tail.
    /// </summary>
    private void CannotFollow(Exception exception)
    {
        if (!_isConnected || _hasEnded)
            return;
        _outage.TailFailed(exception);
        _retry.Failed();
    }

    private async Task CreateAsync(Generation instead)
    {
        if (_hasEnded)
            return;
        try
        {
            await _session.CreateGenerationAsync(Horizon.Partition, instead, CancellationToken.None).ConfigureAwait(false);
            RequestTail();
        }
        catch (Exception exception)
        {
            CannotFollow(exception);
        }
    }
}
