using NpgsqlTypes;
using Unstale.Boundary;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Ends trust in the values of this node while changes may be missing from the log for longer than <see cref="ChangeCaptureOptions.MaximumLag"/>: no process
/// reads, the reader is too slow, the slot is gone, or the database cannot be reached to find out. Trust returns when the reader has appended the changes.
/// </summary>
internal sealed class LagWatch(UnstaleCache cache, CaptureConnections connections, ChangeCaptureOptions options, GuardedTime time, GuardedLogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task? _loop;

    /// <summary>Position that the reader must have confirmed until <see cref="MaximumLag"/> after <see cref="_targetAt"/>.</summary>
    private NpgsqlLogSequenceNumber? _target;
    private long _targetAt;
    private bool _isSuspended;
    private bool _isDisposed;

    private TimeSpan MaximumLag => options.MaximumLag;

    /// <summary>Begins to watch. Called once.</summary>
    public void Start()
    {
        _targetAt = time.GetTimestamp();
        _loop = WithoutExecutionContext.Run(LoopAsync);
    }

    /// <summary>Ends the watch. May be called again.</summary>
    public async Task StopAsync()
    {
        if (_isDisposed)
            return;
        await _end.CancelAsync().ConfigureAwait(false);
        if (_loop is { } loop)
            await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _isDisposed = true;
        _end.Dispose();
    }

    private async Task LoopAsync()
    {
        var stop = _end.Token;
        while (!stop.IsCancellationRequested)
        {
            string reason;
            try
            {
                reason = await LookAsync(stop).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                reason = exception.Message;
            }

            Judge(reason);
            await Task.Delay(options.Heartbeat, time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the slot, with a limit, because a lost connection may not fail for minutes. Returns the reason in case the lag is too long.</summary>
    private async Task<string> LookAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(MaximumLag / 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var connection = await connections.OpenAsync(both.Token).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        var began = time.GetTimestamp();
        if (await CaptureCatalog.SlotAsync(connection, options.Slot, both.Token).ConfigureAwait(false) is not { IsOurs: true } slot)
            return "The slot does not exist: call SetupAsync.";
        if (slot.IsLost)
            return "The server has dropped the history of the slot: raise max_slot_wal_keep_size.";
        if (_target is not { } target || slot.Confirmed >= target)
            (_target, _targetAt) = (slot.Current, began);
        return slot.IsActive ? "The reader is too slow." : "No process reads the slot.";
    }

    private void Judge(string reason)
    {
        var isSuspended = time.GetElapsedTime(_targetAt) > MaximumLag;
        if (isSuspended == _isSuspended)
            return;
        _isSuspended = isSuspended;
        cache.SuspendTrust(this, isSuspended);
        if (isSuspended)
            logger.CaptureLags(cache.Name, MaximumLag, reason);
        else
            logger.CaptureInTime(cache.Name);
    }
}
