using Unstale.Node;

namespace Unstale;

/// <summary>What became of the calls of one cache in a scope, for those who hold their receipts.</summary>
internal sealed class ScopeOutcome
{
    private readonly TaskCompletionSource<InvalidationReceipt?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Changed when a scope hands on what it collected; who reads the one before waits for the same end.
    private volatile ScopeLedger _ledger;

    public ScopeOutcome(ScopeLedger ledger, LogPartitions log)
    {
        _ledger = ledger;
        Receipt = new InvalidationReceipt(log, this);
    }

    /// <summary>What the calls return: it follows this.</summary>
    public InvalidationReceipt Receipt { get; }

    public ScopeLedger Ledger
    {
        get => _ledger;
        set => _ledger = value;
    }

    /// <summary>What was raised; null if nothing was. Ends once the log has it, or has not taken it in time. Fails if it could not be raised.</summary>
    public Task<InvalidationReceipt?> Ended => _ended.Task;

    /// <summary>Null while it is not known, and for ever if it was dropped.</summary>
    public InvalidationReceipt? Raised => _ended.Task.IsCompletedSuccessfully ? _ended.Task.Result : null;

    public bool IsDropped => _ended.Task.IsCompletedSuccessfully && _ended.Task.Result is null;

    public void End(InvalidationReceipt? receipt) => _ended.TrySetResult(receipt);

    public void Fail(Exception why)
    {
        _ended.TrySetException(why);
        _ = _ended.Task.Exception; // told where the scope ends; whoever holds a receipt may still ask
    }
}
