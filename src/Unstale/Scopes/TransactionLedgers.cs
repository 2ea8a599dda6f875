using System.Collections.Concurrent;
using System.Transactions;

namespace Unstale;

/// <summary>
/// What was raised inside transactions of <see cref="System.Transactions"/>, until each has ended. They are followed by their event, not
/// enlisted in: a participant of ours would cost the database its commit in one phase.
/// </summary>
internal static class TransactionLedgers
{
    // Looked up by what is the same transaction, whichever object stands for it.
    private static readonly ConcurrentDictionary<Transaction, ScopeLedger> Open = new();
    private static int _open;

    // No barrier: a flow that has raised something inside its transaction sees that it did.
    public static bool IsAnyOpen => _open != 0;

    public static ScopeLedger? Find(Transaction transaction) => Open.GetValueOrDefault(transaction);

    /// <summary>That of a transaction; where it has ended, one that knows how.</summary>
    public static ScopeLedger Of(Transaction transaction)
    {
        if (Open.TryGetValue(transaction, out var known))
            return known;
        var mine = new ScopeLedger { IsOfTransaction = true };
        var ledger = Open.GetOrAdd(transaction, mine);
        if (ledger == mine)
            Follow(transaction);
        return ledger;
    }

    /// <summary>Without a lock of ours: the event is told under the transaction's own, at once if it has ended.</summary>
    private static void Follow(Transaction transaction)
    {
        Interlocked.Increment(ref _open);
        try
        {
            transaction.TransactionCompleted += Ended;
        }
        catch
        {
            if (Open.TryRemove(transaction, out var unknown))
                End(unknown, TransactionStatus.InDoubt);
            throw;
        }
    }

    private static void Ended(object? sender, TransactionEventArgs ended)
    {
        var transaction = ended.Transaction!;
        if (Open.TryRemove(transaction, out var ledger))
            End(ledger, transaction.TransactionInformation.Status);
    }

    /// <summary>In force before the commit returns; the log is told behind.</summary>
    private static void End(ScopeLedger ledger, TransactionStatus status)
    {
        if (status == TransactionStatus.Aborted)
            ledger.Drop();
        else
            ledger.Raise();
        Interlocked.Decrement(ref _open);
    }
}
