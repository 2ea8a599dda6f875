using NpgsqlTypes;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Ends trust in the values of this node while changes may be missing from the log for longer than <see cref="ChangeCaptureOptions.MaximumLag"/>: no process
/// reads, the reader is too slow, the slot is gone, or the database cannot be reached to find out. Trust returns when the reader has appended the changes.
/// </summary>
internal sealed class LagWatch(
    UnstaleCache cache, CaptureConnections connections, ChangeCaptureOptions options, CaptureMetrics metrics, GuardedTime time, GuardedLogger logger) : IAsyncDisposable
{
    private readonly BackgroundLoop _loop = new();

    /// <summary>Positions of the server at the looks within the last <see cref="ChangeCaptureOptions.MaximumLag"/>.</summary>
    private readonly Queue<(NpgsqlLogSequenceNumber Position, long At)> _positions = new();

    /// <summary>Newest position of the server before that time. The reader must have confirmed it.</summary>
    private NpgsqlLogSequenceNumber _due;
    private long _lookedAt;
    private bool _isSuspended;

    /// <summary>Begins to watch. Called once.</summary>
    public void Start()
    {
        _lookedAt = time.GetTimestamp();
        _loop.Start(LoopAsync);
    }

    /// <summary>Ends the watch. May be called again.</summary>
    public Task StopAsync() => _loop.StopAsync();

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task LoopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var (isInTime, reason) = await LookAsync(stop).ConfigureAwait(false);
                Suspend(!isInTime, reason);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                Suspend(_isSuspended || IsBlind(), exception.Message);
            }

            await Task.Delay(options.Heartbeat, time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the slot, with a limit, because a lost connection may not fail for minutes. Returns the reason in case changes are unread for too long.</summary>
    private async Task<(bool IsInTime, string Reason)> LookAsync(CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(options.MaximumLag / 2, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var connection = await connections.OpenAsync(both.Token).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        var began = time.GetTimestamp();
        var found = await CaptureCatalog.SlotAsync(connection, options.Slot, both.Token).ConfigureAwait(false);
        metrics.Unread(found is { IsOurs: true, IsLost: false } ? found.Unread : null);
        if (found is not { IsOurs: true } slot)
            return (!_isSuspended && !IsBlind(), "The slot does not exist: call SetupAsync.");
        if (slot.IsLost)
            return (!_isSuspended && !IsBlind(), "The server has dropped the history of the slot: raise max_slot_wal_keep_size.");
        if (IsBlind() || slot.Current < _due) // nothing is known of the positions meanwhile, or the server was restored to an earlier one
        {
            _due = slot.Current;
            _positions.Clear();
        }

        _lookedAt = began;
        _positions.Enqueue((slot.Current, began));
        while (_positions.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At, began) > options.MaximumLag)
            _due = Later(_due, _positions.Dequeue().Position);
        return (slot.Confirmed >= _due, slot.IsActive ? "The reader is too slow." : "No process reads the slot.");
    }

    private static NpgsqlLogSequenceNumber Later(NpgsqlLogSequenceNumber one, NpgsqlLogSequenceNumber other) => one > other ? one : other;

    /// <summary>Whether the last look at the slot is too long ago.</summary>
    private bool IsBlind() => time.GetElapsedTime(_lookedAt) > options.MaximumLag;

    private void Suspend(bool isSuspended, string reason)
    {
        if (isSuspended == _isSuspended)
            return;
        _isSuspended = isSuspended;
        cache.SuspendTrust(this, isSuspended);
        if (isSuspended)
            logger.CaptureLags(cache.Name, options.MaximumLag, reason);
        else
            logger.CaptureInTime(cache.Name);
    }
}
