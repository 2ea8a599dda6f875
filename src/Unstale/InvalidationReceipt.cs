using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Thrown when the log does not accept an invalidation within <see cref="InvalidationLogOptions.AppendTimeout"/> and
/// <see cref="InvalidationLogOptions.WhenUnavailable"/> is <see cref="LogUnavailableBehavior.Throw"/>. The invalidation is in effect on this node and remains
/// queued, so the call need not be repeated.
/// </summary>
public sealed class InvalidationLogUnavailableException : InvalidOperationException
{
    internal InvalidationLogUnavailableException(string message, InvalidationReceipt receipt)
        : base(message) => Receipt = receipt;

    /// <summary>Receipt of the invalidation. Its state becomes <see cref="ReceiptState.Applied"/> when the log is available again.</summary>
    public InvalidationReceipt Receipt { get; }
}

/// <summary>Progress of an invalidation: its state, its positions in the log, and waits for its effects.</summary>
/// <remarks>
/// <para>
/// Targets of batched rules and scheduled targets may be pending in a batch. The pending part of an invalidation is not in effect before the batch is
/// flushed.
/// </para>
/// <para>
/// An invalidation inside an <see cref="InvalidationScope"/> or a transaction is not in effect before the scope ends successfully. Its receipt then
/// covers all invalidations of the scope together.
/// </para>
/// </remarks>
public class InvalidationReceipt
{
    /// <summary>
    /// Source of the state: <see cref="Operation"/> if raised immediately, <see cref="DeferredInvalidation"/> if all targets are pending, <see cref="Mixed"/> for some
    /// of each, <see cref="ScopeOutcome"/> if deferred to the end of a scope; null if nothing was invalidated, or if the log had the record from the start.
    /// </summary>
    private readonly object? _source;

    /// <summary>State as last observed. A final state is never computed again.</summary>
    private volatile ReceiptState _state;

    /// <summary>Whether a wait for all nodes has ended. Only the first wait is measured.</summary>
    private bool _isConverged;

    /// <param name="immediate">Operation started immediately; null if all targets are in a batch, or if nothing was invalidated.</param>
    /// <param name="log">Log of the invalidation.</param>
    /// <param name="batch">Batch that contains the pending part.</param>
    internal InvalidationReceipt(Operation? immediate, LogPartitions log, DeferredInvalidation? batch = null)
        : this(log, batch is null ? immediate : immediate is null ? batch : new Mixed(immediate, batch))
    {
    }

    /// <summary>Creates the receipt of an invalidation collected in a scope.</summary>
    internal InvalidationReceipt(LogPartitions log, ScopeOutcome outcome)
        : this(log, (object)outcome)
    {
    }

    /// <summary>Creates the receipt of an invalidation that the log has from the start.</summary>
    private protected InvalidationReceipt(LogPartitions log)
        : this(log, (object?)null)
    {
    }

    private InvalidationReceipt(LogPartitions log, object? source) =>
        (Log, _source, _state) = (log, source, source is null ? ReceiptState.Applied : ReceiptState.Pending);

    /// <summary>
    /// Current state. <see cref="ReceiptState.Queued"/> until the immediate part is in the log, then <see cref="ReceiptState.Pending"/> while a part
    /// is in a batch, then <see cref="ReceiptState.Applied"/>. A queued invalidation becomes applied when the log is available again. In a scope or
    /// transaction: pending until the scope has ended, then <see cref="ReceiptState.Dropped"/> or the state of its invalidations.
    /// </summary>
    public ReceiptState State
    {
        get
        {
            // Concurrent readers may both advance the state. The sources never go back, so the order of the writes is irrelevant.
            if (!IsFinal(_state))
                _state = Next();
            return _state;
        }
    }

    /// <summary>
    /// Position of the invalidation in the log. Values true as of this position reflect the invalidated change. In a log of several partitions: one
    /// of <see cref="Positions"/>.
    /// </summary>
    /// <remarks>
    /// The position changes if the history of the log breaks and the invalidation is appended again to the new history. A part pending in a batch is
    /// not included: the position is the one of the immediate part, or, if there is none, of the flushed batch. For a superseded write-through, the
    /// position of the superseding record.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The invalidation is not in the log yet, or nothing was invalidated.</exception>
    public LogPosition Position
    {
        get
        {
            var positions = Positions;
            return positions.Count > 0 ? positions.Last() : throw Errors.NothingRaised();
        }
    }

    /// <summary>
    /// Positions of the invalidation, one for each partition concerned; empty if nothing was invalidated. Pass the positions to
    /// <see cref="UnstaleCache.WaitForPositionAsync(LogPositions, TimeSpan?, CancellationToken)"/> on another node.
    /// </summary>
    /// <exception cref="InvalidOperationException">The invalidation is not in the log yet.</exception>
    public LogPositions Positions => PositionsNow();

    /// <summary>
    /// Number of entries removed immediately from the caches of this process because the invalidation named their keys. Includes the batch once the
    /// batch is flushed.
    /// </summary>
    public int LocalEntriesRemoved => RemovedNow();

    /// <summary>Log of the invalidation.</summary>
    private protected LogPartitions Log { get; }

    /// <summary>Whether the value of a write-through is stored as of this invalidation. False for all other invalidations.</summary>
    public bool IsStored { get; internal init; }

    /// <summary>Whether the invalidation is in effect on this node but not in the log.</summary>
    internal bool IsQueued => State == ReceiptState.Queued;

    private Operation? Immediate => _source as Operation ?? (_source as Mixed)?.Immediate;

    private DeferredInvalidation? Batch => _source as DeferredInvalidation ?? (_source as Mixed)?.Batch;

    private ScopeOutcome? Outcome => _source as ScopeOutcome;

    private IEnumerable<Operation> Raised => new[] { Immediate, Batch?.Operation }.OfType<Operation>();

    private IEnumerable<Operation> Operations => Raised.SelectMany(static operation => operation.Earlier.Append(operation));

    /// <summary>
    /// Waits until the memory of the invalidated entries in this process is reclaimed, and returns their number. The invalidation itself is in effect
    /// long before.
    /// </summary>
    /// <remarks>
    /// An entry matched by several invalidations is counted for the oldest. An entry that may be served once more is counted although it remains in
    /// memory until then. For a lazy invalidation, this call starts the sweep. If a part is pending in a batch, the method also waits for the flush
    /// and counts all entries invalidated by the batch. The method likewise waits for the end of a scope or transaction; a dropped one counts 0.
    /// </remarks>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>Number of entries invalidated in this process.</returns>
    /// <exception cref="InvalidOperationException">The calling code is inside the scope or transaction for which the call would wait.</exception>
    public ValueTask<long> WaitForReclaimAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfInside();
        return CountAsync(cancellationToken);
    }

    /// <summary>
    /// Counts like <see cref="WaitForReclaimAsync(CancellationToken)"/>. May be called inside the awaited scope by code that does not block its end.
    /// </summary>
    internal virtual async ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        if (Outcome is { } outcome)
            return await outcome.Ended.WaitAsync(cancellationToken).ConfigureAwait(false) is { } raised ? await raised.CountAsync(cancellationToken).ConfigureAwait(false) : 0;
        await FlushedAsync(cancellationToken).ConfigureAwait(false);
        long swept = LocalEntriesRemoved;
        foreach (var operation in Operations)
        {
            await operation.Applied.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (operation.Sweep is { } sweep)
                swept += await WaitForReclaimAsync(Log.NodeOf(operation), sweep).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return swept;
    }

    /// <summary>
    /// Waits until the values that the patterns and the sets of tags of the invalidation match are removed from the second-level cache, and returns their
    /// number as the server reported. Use it for reports; the invalidation itself is in effect long before.
    /// </summary>
    /// <remarks>
    /// <para>
    /// One node with a second level removes the values of all pending patterns, usually within two seconds. A value matched by several patterns is counted
    /// for the oldest. A value that was replaced meanwhile, or had expired, is not counted. A key removes its value in the step that appends the
    /// invalidation, a tag and "everything" remove none: they count 0.
    /// </para>
    /// <para>
    /// If a part is pending in a batch, the method waits for the flush first. While the log is unavailable, and while no node with a second level runs, the
    /// wait lasts until it is cancelled.
    /// </para>
    /// </remarks>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>
    /// Number of removed values, 0 for a log without a second level. Null if the number is unknown: the history of the log broke, "everything" replaced the
    /// pattern because more than 64 were pending, or more than 256 later patterns removed values.
    /// </returns>
    /// <exception cref="ObjectDisposedException">This node was closed during the wait.</exception>
    /// <exception cref="InvalidOperationException">The calling code is inside the scope or transaction for which the call would wait.</exception>
    public async ValueTask<long?> WaitForRemoteReclaimAsync(CancellationToken cancellationToken = default)
    {
        if (Outcome is { } outcome)
        {
            ThrowIfInside();
            return await outcome.Ended.WaitAsync(cancellationToken).ConfigureAwait(false) is { } raised ? await raised.WaitForRemoteReclaimAsync(cancellationToken).ConfigureAwait(false) : 0;
        }

        await AppliedAsync(cancellationToken).ConfigureAwait(false);
        long? removed = 0;
        foreach (var operation in Operations)
            removed += await Log.NodeOf(operation).WaitForRemoteReclaimAsync(operation, cancellationToken).ConfigureAwait(false);
        return removed;
    }

    /// <summary>
    /// Waits until no node serves the invalidated values any longer. Use it before an action that relies on all nodes.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The wait ends when the invalidation is in the log and every node has applied it or has exceeded the time for which it may serve without
    /// confirmation. If a part is pending in a batch, the method waits for the flush first.
    /// </para>
    /// <para>
    /// All nodes are requested to confirm at once, so the wait is a few round trips while all nodes respond. A crashed node extends the wait to about
    /// <see cref="InvalidationLogOptions.StalenessBound"/>. The same applies shortly after this node has started, or after the history of the log broke:
    /// nodes that have not reported yet are not in this node's list.
    /// </para>
    /// </remarks>
    /// <param name="cancellationToken">
    /// Cancels the wait. The invalidation is not cancelled. Without a token, the wait for an unavailable log is unlimited.
    /// </param>
    /// <exception cref="ObjectDisposedException">This node was closed during the wait.</exception>
    /// <exception cref="InvalidOperationException">The scope or transaction of the invalidation was dropped.</exception>
    /// <exception cref="InvalidOperationException">The calling code is inside the scope or transaction for which the call would wait.</exception>
    public async ValueTask WaitForAllNodesAsync(CancellationToken cancellationToken = default)
    {
        if (Outcome is { } outcome)
        {
            ThrowIfInside();
            var raised = await outcome.Ended.WaitAsync(cancellationToken).ConfigureAwait(false) ?? throw Errors.NotApplied(ReceiptState.Dropped);
            await raised.WaitForAllNodesAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        await FlushedAsync(cancellationToken).ConfigureAwait(false);
        await Log.WaitForAllNodesAsync(Raised, cancellationToken).ConfigureAwait(false);
        if (!Interlocked.Exchange(ref _isConverged, true))
            Converged();
    }

    /// <summary>Waits until the log has the invalidation, without a time limit.</summary>
    internal async Task AppliedAsync(CancellationToken cancellationToken)
    {
        await FlushedAsync(cancellationToken).ConfigureAwait(false);
        foreach (var operation in Operations)
            await operation.Applied.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts the sweep of a lazy invalidation, which otherwise starts none, so that the count completes.</summary>
    private protected static Task<long> WaitForReclaimAsync(LogNode node, ISweepTicket sweep)
    {
        if (!sweep.IsFinished)
            node.Sweeper.Wake();
        return sweep.Done;
    }

    private protected virtual LogPositions PositionsNow()
    {
        if (Outcome is { } outcome)
            return (outcome.Raised ?? throw Errors.NotApplied(State)).Positions;
        if (_source is null)
            return LogPositions.Empty;
        return (Immediate ?? Batch?.Operation) is { } placed && IsApplied(placed) ? Log.PositionsOf(placed) : throw Errors.NotApplied(State);
    }

    /// <summary>Measures the time from the call to the end of the first wait for all nodes.</summary>
    private protected virtual void Converged()
    {
        if (Raised.FirstOrDefault() is { } first)
            Log.NodeOf(first).Lags.Converged(first.CalledAt);
    }

    private protected virtual int RemovedNow() =>
        Outcome is { } outcome ? outcome.Raised?.LocalEntriesRemoved ?? 0 : Operations.Sum(static operation => operation.Removed);

    private static bool IsFinal(ReceiptState state) => state is ReceiptState.Applied or ReceiptState.Superseded or ReceiptState.Dropped;

    private ReceiptState Next()
    {
        if (Outcome is { } outcome)
            return outcome.Raised?.State ?? (outcome.IsDropped ? ReceiptState.Dropped : ReceiptState.Pending);
        if (Immediate is { } immediate)
        {
            if (!IsApplied(immediate))
                return ReceiptState.Queued;
            if (Batch is null)
                return immediate.Version == VersionState.Superseded ? ReceiptState.Superseded : ReceiptState.Applied;
        }

        return Batch?.Operation is not { } flushed ? ReceiptState.Pending : IsApplied(flushed) ? ReceiptState.Applied : ReceiptState.Queued;
    }

    private void ThrowIfInside()
    {
        if (Outcome is { Ended.IsCompleted: false } waits && AmbientScope.IsInside(waits.Ledger))
            throw Errors.WaitsForOwnScope();
    }

    private static bool IsApplied(Operation operation) => operation.IsApplied && operation.Earlier.All(static o => o.IsApplied);

    private Task FlushedAsync(CancellationToken cancellationToken) =>
        Batch is { } batch ? batch.Raised.WaitAsync(cancellationToken) : Task.CompletedTask;

    /// <summary>Source of a receipt whose targets are partly raised and partly pending.</summary>
    private sealed record Mixed(Operation Immediate, DeferredInvalidation Batch);
}
