using System.Runtime.CompilerServices;
using System.Transactions;
using Unstale.Node;
using Unstale.Telemetry;

namespace Unstale;

/// <summary>Which unit of work the running code belongs to: what is raised is collected there, and what it has raised is not read from the cache.</summary>
internal static class ScopeFlow
{
    private static readonly AsyncLocal<InvalidationScope?> Ambient = new();
    private static LoneCount _held;

    /// <summary>
    /// False while no flow of this process holds anything back from its own reads: one compare is all that a hit pays for them then.
    /// </summary>
    public static bool AnyHolds
    {
        // No barrier: a flow that holds something back sees what it has counted itself.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _held.Value != 0;
    }

    /// <summary>The innermost scope of this flow that is open.</summary>
    public static InvalidationScope? Innermost
    {
        get
        {
            var scope = Ambient.Value;
            while (scope is { IsOpen: false })
                scope = scope.Around;
            return scope;
        }
    }

    public static void Hold() => Interlocked.Increment(ref _held.Value); // flows of all caches count in one place

    public static void Release() => Interlocked.Decrement(ref _held.Value);

    public static void Enter(InvalidationScope? scope) => Ambient.Value = scope;

    public static void Leave(InvalidationScope scope)
    {
        if (Ambient.Value == scope)
            Ambient.Value = scope.Around;
    }

    public static bool IsWithin(InvalidationScope scope)
    {
        for (var ambient = Ambient.Value; ambient is not null; ambient = ambient.Around)
        {
            if (ambient == scope)
                return true;
        }

        return false;
    }

    /// <summary>Leaves a call to the unit of work around.</summary>
    /// <returns>What becomes of it; null if it is to count at once.</returns>
    /// <exception cref="InvalidOperationException">The transaction around is completed and has not ended yet.</exception>
    public static InvalidationReceipt? Collect(ScopeItem item)
    {
        while (Current() is { } ledger)
        {
            if (ledger.TryAdd(item, out var state) is { } receipt)
                return receipt;
            if (ledger.IsOfTransaction)
                return state == ScopeState.Dropped ? Dropped(ledger, item.By.Log) : null;
        }

        return null;
    }

    /// <summary>Where what is raised now is collected; null if it is to count at once.</summary>
    /// <exception cref="InvalidOperationException">The transaction around is completed and has not ended yet.</exception>
    public static ScopeLedger? Current()
    {
        var (transaction, isCompleting) = AmbientTransaction();
        if (ScopeOf(transaction, isCompleting) is { } scope)
            return scope.Ledger;
        if (isCompleting)
            throw Errors.TransactionIsCompleting();
        return transaction is null ? null : TransactionLedgers.Of(transaction);
    }

    /// <summary>
    /// The open scope that belongs to the same transaction as the running code, or like it to none. One around a transaction does not
    /// collect what is raised inside: that has come about when the transaction is committed, whatever becomes of the scope.
    /// </summary>
    public static InvalidationScope? ScopeOf(Transaction? transaction, bool isCompleting)
    {
        for (var scope = Innermost; scope is not null; scope = scope.Around)
        {
            if (scope.IsOpen && (isCompleting ? scope.Transaction is not null : Equals(scope.Transaction, transaction)))
                return scope;
        }

        return null;
    }

    /// <summary>True if this flow has raised what concerns an entry, and it is not known yet what became of that.</summary>
    public static bool Holds(LogPartitions log, ReadOnlySpan<char> key, ReadOnlySpan<string> carried)
    {
        for (var scope = Ambient.Value; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger.Holds(log, key, carried))
                return true;
        }

        return TransactionLedgers.IsAnyOpen && (AmbientTransaction() is var (transaction, isCompleting))
            && (isCompleting || (transaction is not null && TransactionLedgers.Find(transaction) is { } ledger && ledger.Holds(log, key, carried)));
    }

    public static bool HoldsAny(LogPartitions log)
    {
        for (var scope = Ambient.Value; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger.HoldsAny(log))
                return true;
        }

        return TransactionLedgers.IsAnyOpen && (AmbientTransaction() is var (transaction, isCompleting))
            && (isCompleting || (transaction is not null && TransactionLedgers.Find(transaction) is { } ledger && ledger.HoldsAny(log)));
    }

    /// <summary>True if the running code is part of the work that this is the ledger of, and would wait for itself.</summary>
    public static bool IsInside(ScopeLedger ledger)
    {
        for (var scope = Innermost; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger == ledger)
                return true;
        }

        return AmbientTransaction().Transaction is { } transaction && TransactionLedgers.Find(transaction) == ledger;
    }

    /// <summary>The transaction around, if there is one that may still be joined; or that one is completed and has not ended.</summary>
    public static (Transaction? Transaction, bool IsCompleting) AmbientTransaction()
    {
        try
        {
            return (Transaction.Current, false);
        }
        catch (InvalidOperationException)
        {
            return (null, true);
        }
    }

    private static InvalidationReceipt Dropped(ScopeLedger ledger, LogPartitions log)
    {
        var outcome = new ScopeOutcome(ledger, log);
        outcome.End(receipt: null);
        return outcome.Receipt;
    }
}
