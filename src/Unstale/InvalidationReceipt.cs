using Unstale.Horizon;
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
public sealed class InvalidationReceipt
{
    private readonly Operation _operation;
    private readonly LogNode _node;

    internal InvalidationReceipt(Operation operation, LogNode node)
    {
        _operation = operation;
        _node = node;
    }

    /// <summary>How far it has come. A queued one becomes applied when the log is reached.</summary>
    public ReceiptState State => IsApplied ? ReceiptState.Applied : ReceiptState.Queued;

    /// <summary>
    /// Its place in the log: a value that is true as of it reflects what the invalidation was about. It is another one once the log's
    /// history broke and the invalidation was raised again in the new one.
    /// </summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPosition Position => IsApplied ? _node.PositionOf(_operation) : throw Errors.NotApplied(State);

    /// <summary>Its places, one a partition that it touched.</summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPositions Positions => LogPositions.Of(Position);

    /// <summary>Entries of this process' caches that went at once, because their key was named.</summary>
    public int RemovedHere => _operation.Removed + _operation.Earlier.Sum(o => o.Removed);

    private bool IsApplied => _operation.IsApplied && _operation.Earlier.All(o => o.IsApplied);

    /// <summary>
    /// Waits until the memory of what the invalidation took in this process is reclaimed, and says how many entries that were. The
    /// invalidation is in force long before; an entry that several took counts for the oldest. An entry that may be served once more
    /// counts, though it stays until then. For a lazy invalidation the question itself starts the sweep.
    /// </summary>
    public async ValueTask<long> SweptAsync(CancellationToken cancellationToken = default)
    {
        long swept = RemovedHere;
        foreach (var operation in _operation.Earlier.Append(_operation))
        {
            if (operation.Wait is { } wait)
                await wait.Applied.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (operation.Sweep is { } sweep)
                swept += await SweptAsync(sweep).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return swept;
    }

    /// <summary>Nobody has started a pass for what is lazy; who asks for the number wants one.</summary>
    private Task<long> SweptAsync(SweepTicket sweep)
    {
        if (!sweep.IsFinished)
            _node.Sweeper.Wake();
        return sweep.Done;
    }

    /// <summary>
    /// Waits until no node serves what the invalidation took: until it is in the log, and every node has applied it or has run out of
    /// the time for which it may serve without confirming. Nodes are asked to confirm at once, so that it takes a few messages there and
    /// back while all of them answer; one that has died takes about <see cref="UnstaleOptions.StalenessBound"/>. So does the time right
    /// after this node started, or after the history of the log broke: nodes that have not heard of it yet are not known here.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation. Without it the wait for a log that stays away has no end.</param>
    /// <exception cref="ObjectDisposedException">This node was closed meanwhile.</exception>
    public ValueTask AppliedEverywhereAsync(CancellationToken cancellationToken = default) =>
        _node.AppliedEverywhereAsync(_operation, cancellationToken);
}
