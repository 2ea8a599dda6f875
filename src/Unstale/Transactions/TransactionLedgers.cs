using System.Collections.Concurrent;
using System.Transactions;

namespace Unstale.Transactions;

/// <summary>
/// Ledgers of the open transactions of <see cref="System.Transactions"/>. The end is observed by the completion event and not by enlistment: another
/// participant would cost the database its single-phase commit.
/// </summary>
internal static class TransactionLedgers
{
    // Keys are compared by the transaction, which several objects may represent.
    private static readonly ConcurrentDictionary<Transaction, ScopeLedger> Open = new();
    private static int _open;

    // No barrier is needed: a flow with collected invalidations in a transaction observes its own write.
    public static bool IsAnyOpen => _open != 0;

    public static ScopeLedger? Find(Transaction transaction) => Open.GetValueOrDefault(transaction);

    /// <summary>Returns the ledger of a transaction. If the transaction has ended, the ledger has that outcome.</summary>
    public static ScopeLedger For(Transaction transaction)
    {
        if (Open.TryGetValue(transaction, out var known))
            return known;
        var mine = new ScopeLedger { IsOfTransaction = true };
        var ledger = Open.GetOrAdd(transaction, mine);
        if (ledger == mine)
            Follow(transaction);
        return ledger;
    }

    /// <summary>
    /// Subscribes to the end of a transaction. Called without a lock: the event runs under the transaction's lock, at once if the transaction has ended.
    /// </summary>
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

    /// <summary>Ends a ledger. The invalidations are in force before the commit returns; the records are appended in the background.</summary>
    private static void End(ScopeLedger ledger, TransactionStatus status)
    {
        if (status == TransactionStatus.Aborted)
            ledger.Drop();
        else
            ledger.Raise();
        Interlocked.Decrement(ref _open);
    }
}
