namespace Unstale.Redis.Resp;

internal sealed partial class RespConnection
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Closes the socket. Calls that may have reached the server fail with <see cref="RespOutcomeUnknownException"/>, the others with
    /// <see cref="RespConnectionException"/>.
    /// </summary>
    public void Close(Exception reason)
    {
        RespCall[] sent, waiting;
        long handed;
        lock (_gate)
        {
            if (_closed is not null)
            {
                return;
            }

            _closed = reason;
            handed = _handed;
            sent = [.. _inFlight];
            waiting = [.. _waiting];
            _inFlight.Clear();
            _waiting.Clear();
            _bytesInFlight = 0;
        }

        _sweep.Dispose();
        _stream.Dispose();
        foreach (var call in sent)
        {
            End(call, call.Offset < handed ? Errors.OutcomeUnknown(call.Name, Name, reason) : Errors.NotSent(call.Name, Name, reason));
        }

        foreach (var call in waiting)
        {
            End(call, Errors.NotSent(call.Name, Name, reason));
        }

        _inbox?.Add(RespEvent.Closed(reason));
        _whenClosed.TrySetResult(reason);
    }

    /// <summary>The caller waits no longer. A command that went out keeps its place; one that waits for room is never sent.</summary>
    public void Abandon(RespCall call, Exception why)
    {
        if (TryAbandon(call))
        {
            Fail(call, why);
        }
    }

    private void Fail(RespCall call, Exception error)
    {
        if (call.Ordered)
        {
            _inbox?.Add(RespEvent.Failure(call.Tag, error));
            call.Release();
        }
        else
        {
            call.Fail(error);
        }
    }

    private void End(RespCall call, Exception error)
    {
        Abandon(call, error);
        call.Release();
    }

    private bool TryAbandon(RespCall call)
    {
        lock (_gate)
        {
            return TryAbandon_NeedsLock(call);
        }
    }

    private static bool TryAbandon_NeedsLock(RespCall call)
    {
        switch (call.State)
        {
            case RespCallState.InFlight:
                call.State = RespCallState.Abandoned;
                return true;
            case RespCallState.Waiting:
                call.State = RespCallState.Over;
                call.Command = null;
                return true;
            default:
                return false;
        }
    }

    private void ArmSweep_NeedsLock()
    {
        if (!_sweeping)
        {
            _sweeping = true;
            _sweep.Change(SweepPeriod, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>One timer for all calls: it looks at their deadlines 20 times a second while there are any.</summary>
    private void SweepTimeouts()
    {
        List<(RespCall Call, bool Sent)>? late = null;
        bool flush;
        lock (_gate)
        {
            _sweeping = false;
            if (_closed is not null || (_inFlight.Count == 0 && _waiting.Count == 0))
            {
                return;
            }

            var now = _time.GetTimestamp();
            Collect_NeedsLock(_inFlight, now, ref late);
            Collect_NeedsLock(_waiting, now, ref late);
            AdmitWaiting_NeedsLock();
            ArmSweep_NeedsLock();
            flush = TakeFlush_NeedsLock();
        }

        if (flush)
        {
            StartFlush(idle: false);
        }

        foreach (var (call, sent) in late ?? [])
        {
            Fail(call, Errors.Timeout(call.Name, Name, sent));
        }
    }

    private void Collect_NeedsLock(Queue<RespCall> calls, long now, ref List<(RespCall Call, bool Sent)>? late)
    {
        foreach (var call in calls)
        {
            var sent = call.State == RespCallState.InFlight && call.Offset < _handed;
            if (call.Deadline <= now && TryAbandon_NeedsLock(call))
            {
                (late ??= []).Add((call, sent));
            }
        }
    }
}
