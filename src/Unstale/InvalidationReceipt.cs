using Unstale.Horizon;

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

    internal InvalidationReceipt(Operation operation) => _operation = operation;

    /// <summary>How far it has come. A queued one becomes applied when the log is reached.</summary>
    public ReceiptState State => IsApplied ? ReceiptState.Applied : ReceiptState.Queued;

    /// <summary>Its place in the log: a value that is true as of it reflects what the invalidation was about.</summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPosition Position => IsApplied ? _operation.Position : throw Errors.NotApplied(State);

    /// <summary>Its places, one a partition that it touched.</summary>
    /// <exception cref="NotAppliedException">It is not in the log yet.</exception>
    public LogPositions Positions => LogPositions.Of(Position);

    /// <summary>Entries of this process' caches that went at once, because their key was named.</summary>
    public int RemovedHere => _operation.Removed + _operation.Earlier.Sum(o => o.Removed);

    private bool IsApplied => _operation.IsApplied && _operation.Earlier.All(o => o.IsApplied);

    /// <summary>
    /// Waits until the memory of what the invalidation took in this process is reclaimed, and says how many entries that were. The
    /// invalidation is in force long before; an entry that several took counts for the oldest.
    /// </summary>
    public async ValueTask<long> SweptAsync(CancellationToken cancellationToken = default)
    {
        long swept = RemovedHere;
        foreach (var operation in _operation.Earlier.Append(_operation))
        {
            if (operation.Waiter is { } waiter)
                await waiter.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (operation.Sweep is { } sweep)
                swept += await sweep.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return swept;
    }
}
