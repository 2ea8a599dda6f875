using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Outbox;
using Unstale.PostgreSql.Telemetry;

namespace Unstale.PostgreSql.Capture;

/// <summary>
/// Reads committed changes from the write-ahead log and appends them. The server gives a slot to one connection at a time, so the slot is the lease: other
/// processes try again until the reader has ended. A position is confirmed only after its changes are in the log, so a reader that ends leaves the unconfirmed
/// ones to the next reader. A transaction may be appended twice, never not at all.
/// </summary>
internal sealed class ChangeReader(
    UnstaleCache cache, CaptureConnections connections, SlotSetup setup, ChangeCaptureOptions options, CaptureMetrics metrics, GuardedTime time, GuardedLogger logger)
    : IAsyncDisposable
{
    /// <summary>Maximum number of transactions whose appends are in flight.</summary>
    private const int MostInFlight = 256;

    private readonly BackgroundLoop _loop = new();
    private readonly Dictionary<CapturedTable, CapturedShape> _shapes = [];
    private string? _failure;

    /// <summary>Begins to read. Called once.</summary>
    public void Start() => _loop.Start(LoopAsync);

    /// <summary>Ends the reader. May be called again.</summary>
    public Task StopAsync() => _loop.StopAsync();

    public ValueTask DisposeAsync() => _loop.DisposeAsync();

    private async Task LoopAsync(CancellationToken stop)
    {
        var backoff = new Backoff();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadAsync(backoff, stop).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                // Another process reads.
            }
            catch (Exception exception) when (!stop.IsCancellationRequested)
            {
                if (_failure != exception.Message)
                    logger.CaptureFailed(exception, cache.Name, exception.Message);
                _failure = exception.Message;
                metrics.Failed();
            }

            await backoff.PauseAsync(time, stop).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(Backoff backoff, CancellationToken stop)
    {
        var statements = await connections.OpenAsync(stop).ConfigureAwait(false);
        await using var owned = statements.ConfigureAwait(false);
        if (!await CaptureCatalog.HasPublicationAsync(statements, options.Publication, stop).ConfigureAwait(false))
            throw Errors.NotSetUp(options.Publication);
        if (await setup.EnsureAsync(stop).ConfigureAwait(false))
            logger.SlotCreated(cache.Name, options.Slot);

        var stream = await connections.OpenReplicationAsync(stop).ConfigureAwait(false);
        await using var reading = stream.ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var ended = new EndedTransactions(await connections.OpenAsync(stop).ConfigureAwait(false), time, over.Token);
        await using var looking = ended.ConfigureAwait(false);
        var messages = stream.StartReplication(
            new PgOutputReplicationSlot(options.Slot), new PgOutputReplicationOptions(options.Publication, PgOutputProtocolVersion.V1, messages: true), over.Token);
        var beat = Task.CompletedTask;
        try
        {
            var decoder = new ChangeDecoder(cache, options.Tables, _shapes, async (table, token) => await CaptureCatalog.ColumnsAsync(statements, table, token).ConfigureAwait(false));
            var unconfirmed = new Queue<(NpgsqlLogSequenceNumber End, Task Append)>();
            var isReading = false;
            beat = BeatAsync(over.Token);
            await foreach (var message in messages.ConfigureAwait(false))
            {
                if (!isReading)
                {
                    logger.CaptureReads(cache.Name, options.Slot);
                    metrics.Reading(true);
                    (isReading, _failure) = (true, null);
                    backoff.Succeeded();
                }

                if (await decoder.ReadAsync(message, stop).ConfigureAwait(false) is not { } transaction)
                    continue;
                unconfirmed.Enqueue((((CommitMessage)message).TransactionEndLsn, BeginAppend(transaction, ended, stop)));
                await ConfirmAsync(stream, unconfirmed, isIdle: transaction.IsEmpty, stop).ConfigureAwait(false);
            }
        }
        finally
        {
            metrics.Reading(false);
            _ = await GuardedCancellation.CancelAsync(over).ConfigureAwait(false);
            await beat.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Begins to append the changes of a transaction once statements see it. The returned task ends when the log has the changes. The order of the appends
    /// does not matter: a value that a read loads after an append has the changes of this transaction.
    /// </summary>
    private Task BeginAppend(CapturedTransaction transaction, EndedTransactions ended, CancellationToken stop)
    {
        if (transaction.IsEmpty)
            return Task.CompletedTask;
        options.Reached?.Invoke(CaptureStep.Decoded);
        return AppendAsync(transaction, ended, stop);
    }

    private async Task AppendAsync(CapturedTransaction transaction, EndedTransactions ended, CancellationToken stop)
    {
        await ended.WaitAsync(transaction.Id).ConfigureAwait(false);
        var receipt = transaction.IsEverything
            ? await CommittedReceipt.EverythingAsync(cache, "a captured table was truncated or altered, or more rows changed than can be named").ConfigureAwait(false)
            : await CommittedReceipt.RaiseAsync(cache, transaction.Changes()).ConfigureAwait(false);
        await receipt.AppliedAsync(stop).ConfigureAwait(false);
        metrics.Appended(transaction.Rows);
        options.Reached?.Invoke(CaptureStep.Appended);
    }

    /// <summary>Confirms the transactions whose changes are in the log, in order. A heartbeat reports the position to the server at once.</summary>
    private async Task ConfirmAsync(
        LogicalReplicationConnection stream, Queue<(NpgsqlLogSequenceNumber End, Task Append)> unconfirmed, bool isIdle, CancellationToken stop)
    {
        NpgsqlLogSequenceNumber? confirmed = null;
        while (unconfirmed.TryPeek(out var first) && (first.Append.IsCompleted || unconfirmed.Count > MostInFlight))
        {
            await first.Append.ConfigureAwait(false);
            confirmed = first.End;
            unconfirmed.Dequeue();
        }

        if (confirmed is not { } position)
            return;
        stream.SetReplicationStatus(position);
        if (isIdle)
        {
            await stream.SendStatusUpdate(stop).ConfigureAwait(false);
            options.Reached?.Invoke(CaptureStep.Confirmed);
        }
    }

    /// <summary>
    /// Writes a message into the write-ahead log at intervals. The server does not report positions between changes of captured tables, so without messages the
    /// slot would retain the log of all other tables.
    /// </summary>
    private async Task BeatAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.Heartbeat, time, stop).ConfigureAwait(false);
            try
            {
                var connection = await connections.OpenAsync(stop).ConfigureAwait(false);
                await using var owned = connection.ConfigureAwait(false);
                await connection.ExecuteAsync("SELECT pg_logical_emit_message(true, $1, '')", stop, options.Slot).ConfigureAwait(false);
            }
            catch (NpgsqlException) when (!stop.IsCancellationRequested)
            {
                // The lag grows, and the watch of each node ends its trust.
            }
        }
    }
}
