using System.Collections.Concurrent;
using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Outbox;

/// <summary>
/// Sends rows that no writer has marked, of this process or another, and marks the rows of its own writers. Several relays share the rows: a row is locked
/// until its invalidation is in the log and the row is marked, so a relay that ends leaves the row to another one. A row may be sent twice, never not at all.
/// </summary>
internal sealed class OutboxRelay(
    UnstaleCache cache, OutboxTable table, OutboxOptions options, OutboxMetrics metrics, GuardedTime time, GuardedLogger logger) : IAsyncDisposable
{
    /// <summary>Time for which rows stay locked while the log does not accept their invalidation.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Pause between two counts of the rows that wait.</summary>
    private static readonly TimeSpan CountPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<(long[] Ids, string Generation)> _marks = new();
    private readonly WakeSignal _wake = new();
    private readonly BackgroundLoop _loop = new();
    private long _droppedAt;
    private long _countedAt;
    private bool _isFailing;
    private bool _isReady;

    /// <summary>Begins to send. Called once.</summary>
    public void Start() => _loop.Start(LoopAsync);

    /// <summary>Marks rows once all of their invalidation is in the log, also targets that wait for a batch. No caller waits: an unmarked row is sent again.</summary>
    public void MarkOnceApplied(InvalidationReceipt receipt, long[] ids, string generation)
    {
        if (receipt.State == ReceiptState.Applied)
            Mark(ids, generation);
        else
            WithoutExecutionContext.Begin((Relay: this, receipt, ids, generation), static s => s.Relay.MarkLaterAsync(s.receipt, s.ids, s.generation));
    }

    /// <summary>Ends the loop. May be called again.</summary>
    public Task StopAsync() => _loop.StopAsync();

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task MarkLaterAsync(InvalidationReceipt receipt, long[] ids, string generation)
    {
        try
        {
            await receipt.AppliedAsync(_loop.Stopping).ConfigureAwait(false);
            Mark(ids, generation);
        }
        catch (Exception)
        {
            // The process ends, and the rows are left to another one.
        }
    }

    private void Mark(long[] ids, string generation)
    {
        _marks.Enqueue((ids, generation));
        _wake.Set();
    }

    private async Task LoopAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var isMore = false;
            var marked = _wake.Next;
            try
            {
                if (!_isReady)
                    await PrepareAsync(stop).ConfigureAwait(false);
                isMore = await RoundAsync(stop).ConfigureAwait(false);
                _isFailing = false;
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                if (!_isFailing)
                    logger.OutboxFailed(exception, cache.Name, exception.Message);
                metrics.Failed();
                _isFailing = true;
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (!isMore)
                await Task.WhenAny(marked, Task.Delay(options.PollInterval, time, stop)).ConfigureAwait(false);
        }
    }

    private async Task PrepareAsync(CancellationToken stop)
    {
        if (!await table.ExistsAsync(stop).ConfigureAwait(false))
        {
            if (!options.CreateSchema)
                throw Errors.NoOutbox(options.Schema, inner: null);
            await table.CreateAsync(stop).ConfigureAwait(false);
        }

        _isReady = true;
    }

    /// <summary>Marks, sends and deletes rows. Returns whether more rows may wait.</summary>
    private async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (!options.IsRelay && _marks.IsEmpty)
            return false;
        var connection = await table.OpenAsync(stop).ConfigureAwait(false);
        await using var owned = connection.ConfigureAwait(false);
        await MarkAsync(connection, stop).ConfigureAwait(false);
        if (!options.IsRelay)
            return false;
        await CountAsync(connection, stop).ConfigureAwait(false);
        if (LogGenerations.Of(cache.GetLogState()) is not { } generation)
            return false;
        var sent = await SendAsync(connection, () => table.UnsentAsync(connection, options.BatchSize, stop), generation, stop).ConfigureAwait(false);
        var again = await SendAsync(connection, () => table.LostAsync(connection, options.BatchSize, generation, stop), generation, stop).ConfigureAwait(false);
        if (again > 0)
            logger.OutboxSentAgain(cache.Name, again);
        if (IsDue(_droppedAt, options.Retention / 10))
        {
            await table.DropAsync(connection, options.Retention, stop).ConfigureAwait(false);
            _droppedAt = time.GetTimestamp();
        }

        return sent == options.BatchSize || again == options.BatchSize;
    }

    private bool IsDue(long last, TimeSpan pause) => last == 0 || time.GetElapsedTime(last) > pause;

    private async Task CountAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        if (!IsDue(_countedAt, CountPause))
            return;
        var (rows, age) = await table.BacklogAsync(connection, stop).ConfigureAwait(false);
        metrics.Waiting(rows, age);
        _countedAt = time.GetTimestamp();
    }

    private async Task MarkAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var marks = new List<(long[] Ids, string Generation)>();
        while (_marks.TryDequeue(out var mark))
            marks.Add(mark);
        foreach (var alike in marks.GroupBy(static mark => mark.Generation, StringComparer.Ordinal))
            await table.MarkAsync(connection, [.. alike.SelectMany(static mark => mark.Ids)], alike.Key, stop).ConfigureAwait(false);
        if (marks.Count > 0)
            options.Reached?.Invoke(OutboxStep.Marked);
    }

    /// <summary>Sends rows in one transaction, which holds their locks until the log has the invalidations.</summary>
    private async Task<int> SendAsync(NpgsqlConnection connection, Func<Task<List<OutboxRow>>> read, string generation, CancellationToken stop)
    {
        var transaction = await connection.BeginTransactionAsync(stop).ConfigureAwait(false);
        await using var owned = transaction.ConfigureAwait(false);
        var rows = await read().ConfigureAwait(false);
        if (rows.Count == 0)
            return 0;
        options.Reached?.Invoke(OutboxStep.Read);
        var batch = OutboxBatch.Read(rows, cache);
        await RaiseAsync(batch, stop).ConfigureAwait(false);
        options.Reached?.Invoke(OutboxStep.Relayed);
        await table.MarkAsync(connection, batch.Ids(), generation, stop).ConfigureAwait(false);
        foreach (var (id, failure) in batch.Unreadable)
        {
            logger.OutboxRowUnreadable(cache.Name, id, failure);
            metrics.Unreadable();
            await table.FailAsync(connection, id, generation, failure, stop).ConfigureAwait(false);
        }

        options.Reached?.Invoke(OutboxStep.RelayMarked);
        await transaction.CommitAsync(stop).ConfigureAwait(false);
        metrics.Relayed(rows.Count);
        options.Reached?.Invoke(OutboxStep.RelayCommitted);
        return rows.Count;
    }

    /// <summary>Raises the changes of rows and waits until the log has them. A row that cannot be read is unknown, so it is everything.</summary>
    private async Task RaiseAsync(OutboxBatch batch, CancellationToken stop)
    {
        var receipts = new List<InvalidationReceipt>();
        if (batch.Unreadable.Count > 0)
            receipts.Add(await CommittedReceipt.EverythingAsync(cache, "a row of the outbox cannot be read").ConfigureAwait(false));
        if (batch.Changes.Count > 0)
            receipts.Add(await CommittedReceipt.RaiseAsync(cache, batch.Changes).ConfigureAwait(false));
        using var limit = new CancellationTokenSource(LongestWait + cache.Rules.BatchDelay, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        foreach (var receipt in receipts)
            await receipt.AppliedAsync(both.Token).ConfigureAwait(false);
    }
}
