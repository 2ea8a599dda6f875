using Unstale.Node;

namespace Unstale.Transactions;

/// <summary>Outcome of the calls of one cache in a scope, for the receipts of the calls.</summary>
internal sealed class ScopeOutcome
{
    private readonly TaskCompletionSource<InvalidationReceipt?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Replaced when a scope hands over its calls. A reader of the previous ledger waits for the same end.
    private volatile ScopeLedger _ledger;

    public ScopeOutcome(ScopeLedger ledger, LogPartitions log)
    {
        _ledger = ledger;
        Receipt = new InvalidationReceipt(log, this);
    }

    /// <summary>Receipt that the calls return. Its state is the state of this outcome.</summary>
    public InvalidationReceipt Receipt { get; }

    public ScopeLedger Ledger
    {
        get => _ledger;
        set => _ledger = value;
    }

    /// <summary>
    /// Receipt of the applied invalidation; null if the calls were discarded. Completes when the log has the record, or has not accepted it in time. Fails
    /// if the record could not be appended.
    /// </summary>
    public Task<InvalidationReceipt?> Ended => _ended.Task;

    /// <summary>Receipt of the applied invalidation; null while the outcome is open, and permanently if the calls were discarded.</summary>
    public InvalidationReceipt? Raised => _ended.Task.IsCompletedSuccessfully ? _ended.Task.Result : null;

    public bool IsDropped => _ended.Task.IsCompletedSuccessfully && _ended.Task.Result is null;

    public void End(InvalidationReceipt? receipt) => _ended.TrySetResult(receipt);

    public void Fail(Exception why)
    {
        _ended.TrySetException(why);
        _ = _ended.Task.Exception; // observed here: the end of the scope reports the exception, and holders of a receipt may still request it
    }
}
