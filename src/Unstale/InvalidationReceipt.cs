using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;

namespace Unstale;

/// <summary>
/// The log has not taken an invalidation within <see cref="UnstaleOptions.AppendDeadline"/>, and <see cref="UnstaleOptions.WhenLogIsAway"/>
/// is <see cref="UnsentInvalidations.Throw"/>. It is in force on this node and stays queued: raising it again is not needed.
/// </summary>
public sealed class LogAwayException : InvalidOperationException
{
    internal LogAwayException(string message, InvalidationReceipt receipt)
        : base(message) => Receipt = receipt;

    /// <summary>What became of the invalidation; it turns applied when the log is reached.</summary>
    public InvalidationReceipt Receipt { get; }
}

/// <summary>What became of an invalidation.</summary>
/// <remarks>
/// A part of it may wait in a batch: what batched rules name, and what was scheduled. That part is not in force before the batch is flushed.
/// What is raised inside an <see cref="InvalidationScope"/> or a transaction is not in force before that ends well; its receipt then tells of all
/// that was raised there together.
/// </remarks>
public sealed class InvalidationReceipt
{
    private readonly Operation? _atOnce;
    private readonly Batch? _batch;
    private readonly ScopeOutcome? _outcome;
    private readonly LogPartitions _log;

    /// <param name="atOnce">What was raised at once; null where all of it is in a batch, or nothing was raised.</param>
    /// <param name="log">The log.</param>
    /// <param name="batch">What waits in a batch.</param>
    internal InvalidationReceipt(Operation? atOnce, LogPartitions log, Batch? batch = null) => (_atOnce, _log, _batch) = (atOnce, log, batch);

    /// <summary>Of what waits for the end of a scope.</summary>
    internal InvalidationReceipt(LogPartitions log, ScopeOutcome outcome) => (_log, _outcome) = (log, outcome);

    /// <summary>
    /// How far it has come: queued while what was raised at once is not in the log, then pending while something waits in a batch, then
    /// applied. A queued one becomes applied when the log is reached. Of a scope or transaction: pending until that has ended, then dropped or
    /// the state of what it raised.
    /// </summary>
    public ReceiptState State
    {
        get
        {
            if (_outcome is not null)
                return _outcome.Raised?.State ?? (_outcome.IsDropped ? ReceiptState.Dropped : ReceiptState.Pending);
            if (_atOnce is not null && !IsApplied(_atOnce))
                return ReceiptState.Queued;
            if (_batch is null)
                return _atOnce is { Version: VersionState.Superseded } ? ReceiptState.Superseded : ReceiptState.Applied;
            return _batch.Operation is { } flushed ? IsApplied(flushed) ? ReceiptState.Applied : ReceiptState.Queued : ReceiptState.Pending;
        }
    }

    /// <summary>
    /// Its place in the log: a value that is true as of it reflects what the invalidation was about. It is another one once the log's
    /// history broke and the invalidation was raised again in the new one. Of what waits in a batch nothing is said: it is the place of
    /// what was raised at once, or, where nothing was, that of the batch once it is flushed. Of a superseded
    /// write-through, the place of the record that stands for it. In a log of several partitions, one of <see cref="Positions"/>.
    /// </summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPosition Position
    {
        get
        {
            var positions = Positions;
            return positions.Count > 0 ? positions.Last() : throw Errors.NothingRaised();
        }
    }

    /// <summary>Its places, one a partition that it touched; none where nothing was raised.</summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPositions Positions
    {
        get
        {
            if (_outcome is not null)
                return (_outcome.Raised ?? throw Errors.NotApplied(State)).Positions;
            if (IsEmpty)
                return LogPositions.Empty;
            return (_atOnce ?? _batch?.Operation) is { } placed && IsApplied(placed) ? _log.PositionsOf(placed) : throw Errors.NotApplied(State);
        }
    }

    /// <summary>Entries of this process' caches that went at once, because their key was named; those of its batch once that is flushed.</summary>
    public int RemovedHere => _outcome is not null ? _outcome.Raised?.RemovedHere ?? 0 : Operations.Sum(static operation => operation.Removed);

    /// <summary>The log has not taken what is in force here.</summary>
    internal bool IsQueued => State == ReceiptState.Queued;

    /// <summary>A scope in which nothing was raised has ended.</summary>
    private bool IsEmpty => _atOnce is null && _batch is null && _outcome is null;

    private IEnumerable<Operation> Raised => new[] { _atOnce, _batch?.Operation }.OfType<Operation>();

    private IEnumerable<Operation> Operations => Raised.SelectMany(static operation => operation.Earlier.Append(operation));

    /// <summary>
    /// Waits until the memory of what the invalidation took in this process is reclaimed, and says how many entries that were. The
    /// invalidation is in force long before; an entry that several took counts for the oldest. An entry that may be served once more
    /// counts, though it stays until then. For a lazy invalidation the question itself starts the sweep. Where a part of it waits in a batch,
    /// the flush is waited for too, and all that the batch took is counted. So is the end of a scope or transaction; what that drops takes nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The running code is inside the scope or transaction that it would wait for.</exception>
    public ValueTask<long> SweptAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfInside();
        return CountAsync(cancellationToken);
    }

    /// <summary>May be called inside the scope that it waits for, by who does not hold that up.</summary>
    internal async ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        if (_outcome is not null)
            return await _outcome.Ended.WaitAsync(cancellationToken).ConfigureAwait(false) is { } raised ? await raised.CountAsync(cancellationToken).ConfigureAwait(false) : 0;
        await FlushedAsync(cancellationToken).ConfigureAwait(false);
        long swept = RemovedHere;
        foreach (var operation in Operations)
        {
            if (operation.Wait is { } wait)
                await wait.Applied.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (operation.Sweep is { } sweep)
                swept += await SweptAsync(operation, sweep).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return swept;
    }

    /// <summary>
    /// Waits until no node serves what the invalidation took: until it is in the log, and every node has applied it or has run out of
    /// the time for which it may serve without confirming. Where a part of it waits in a batch, the flush is waited for first. Nodes are
    /// asked to confirm at once, so that it takes a few messages there and back while all of them answer; one that has died takes about
    /// <see cref="UnstaleOptions.StalenessBound"/>. So does the time right after this node started, or after the history of the log broke:
    /// nodes that have not heard of it yet are not known here.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation. Without it the wait for a log that stays away has no end.</param>
    /// <exception cref="ObjectDisposedException">This node was closed meanwhile.</exception>
    /// <exception cref="NotAppliedException">The scope or transaction in which it was raised has dropped it.</exception>
    /// <exception cref="InvalidOperationException">The running code is inside the scope or transaction that it would wait for.</exception>
    public async ValueTask AppliedEverywhereAsync(CancellationToken cancellationToken = default)
    {
        if (_outcome is not null)
        {
            ThrowIfInside();
            var raised = await _outcome.Ended.WaitAsync(cancellationToken).ConfigureAwait(false) ?? throw Errors.NotApplied(ReceiptState.Dropped);
            await raised.AppliedEverywhereAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await FlushedAsync(cancellationToken).ConfigureAwait(false);
        await _log.AppliedEverywhereAsync(Raised, cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfInside()
    {
        if (_outcome is { Ended.IsCompleted: false } waits && ScopeFlow.IsInside(waits.Ledger))
            throw Errors.WaitsForOwnScope();
    }

    private static bool IsApplied(Operation operation) => operation.IsApplied && operation.Earlier.All(static o => o.IsApplied);

    private Task FlushedAsync(CancellationToken cancellationToken) =>
        _batch is null ? Task.CompletedTask : _batch.Raised.WaitAsync(cancellationToken);

    /// <summary>Nobody has started a pass for what is lazy; who asks for the number wants one.</summary>
    private Task<long> SweptAsync(Operation operation, SweepTicket sweep)
    {
        if (!sweep.IsFinished)
            _log.NodeOf(operation).Sweeper.Wake();
        return sweep.Done;
    }
}
