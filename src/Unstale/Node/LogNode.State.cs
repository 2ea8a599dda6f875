using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Telemetry;

namespace Unstale.Node;

/// <content>State of the node, and its disposal.</content>
internal sealed partial class LogNode
{
    /// <summary>Number of invalidations raised here and not yet in the log.</summary>
    private long _unsent;

    /// <summary>Number of unsent invalidations with a failed append. Changed under the horizon's lock.</summary>
    private long _failing;
    private TaskCompletionSource? _drained;
    private volatile bool _hasEnded;

    public LogState GetState()
    {
        var now = _clock.Now;
        lock (Horizon.Gate)
        {
            TimeSpan? since = _isLocal ? TimeSpan.Zero : Horizon.LastConfirmed is { } at ? TimeSpan.FromMilliseconds(Math.Max(0, now - at)) : null;
            return new LogState(
                Name, Horizon.View.IsTrusted(now), Horizon.IsReady, Horizon.Position, since, Undone_NeedsLock(), Horizon.Forgotten);
        }
    }

    /// <summary>Allows a cache of this log to serve longer than the bound. Reported to other nodes with the next tail.</summary>
    public void ServeBeyond(TimeSpan time)
    {
        lock (Horizon.Gate)
            Horizon.ServeBeyond((long)time.TotalMilliseconds);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        var began = _clock.Now;
        await DrainAsync().ConfigureAwait(false);
        _hasEnded = true;
        _ = await GuardedCancellation.CancelAsync(_closing).ConfigureAwait(false);
        if (_heartbeat is not null)
            await _heartbeat.DisposeAsync().ConfigureAwait(false);
        await _retry.DisposeAsync().ConfigureAwait(false);
        await _deadlines.DisposeAsync().ConfigureAwait(false);
        await _sweeper.DisposeAsync().ConfigureAwait(false);
        var left = Math.Max(0, (long)_settings.ShutdownLimit.TotalMilliseconds - (_clock.Now - began));
        try
        {
            await EndsWithinAsync(_session.DisposeAsync().AsTask(), TimeSpan.FromMilliseconds(left)).ConfigureAwait(false);
        }
        finally
        {
            _closing.Dispose();
            _metrics.Dispose();
        }
    }

    /// <summary>Waits until the log has accepted the queued invalidations, up to the shutdown limit, and logs the number of lost ones.</summary>
    private async Task DrainAsync()
    {
        if (_isLocal || Undone() == 0)
            return;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _drained, drained);
        RequestTail();
        if (Undone() > 0) // checked after the source was published: the thread that ends the last invalidation completes it
            await EndsWithinAsync(drained.Task, _settings.ShutdownLimit).ConfigureAwait(false);
        if (Undone() is var lost and > 0)
            _logger.InvalidationsLost(Name, lost, _settings.ShutdownLimit);
    }

    /// <summary>Returns the number of invalidations not in the log, including records of a lost generation not yet replayed.</summary>
    private long Undone()
    {
        lock (Horizon.Gate)
            return Undone_NeedsLock();
    }

    private long Undone_NeedsLock() => Volatile.Read(ref _unsent) + Horizon.Replaying;

    /// <param name="nothingFails">Whether no invalidation with a failed append is left.</param>
    private void TellTaken(bool nothingFails)
    {
        if (nothingFails)
            _outage.Taken();
        if (Volatile.Read(ref _drained) is { } drained && Undone() == 0)
            drained.TrySetResult();
    }

    /// <summary>True if an append of one of the operations failed before, and no operation with a failed append is left.</summary>
    private bool ForgetFailures(List<Operation> applied)
    {
        var isOver = false;
        lock (Horizon.Gate)
        {
            foreach (var operation in applied)
                isOver |= ForgetFailure_NeedsLock(operation);
        }

        return isOver;
    }

    private bool ForgetFailure_NeedsLock(Operation operation)
    {
        if (operation.Failing == 0)
            return false;
        _failing -= operation.Failing;
        operation.Failing = 0;
        return _failing == 0;
    }

    private async Task EndsWithinAsync(Task task, TimeSpan limit)
    {
        await task.WaitAsync(limit, _clock.Provider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsFaulted)
            await task.ConfigureAwait(false);
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
            _trust.Look(isTrusted, since);
            RequestTail();
        }
        finally
        {
            _heartbeat!.Change(_settings.NextBeat(), Timeout.InfiniteTimeSpan);
        }
    }
}
