using System.Runtime.CompilerServices;
using System.Transactions;
using Unstale.Node;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Transactions;

/// <summary>Unit of work of the running code. Invalidations are collected there, and reads load the invalidated entries from the source.</summary>
internal static class AmbientScope
{
    private static readonly AsyncLocal<InvalidationScope?> Ambient = new();
    private static PaddedInt32 _uncommitted;

    /// <summary>
    /// Whether any flow of this process excludes entries from its own reads. While false, the check costs a hit a single compare.
    /// </summary>
    public static bool AnyUncommitted
    {
        // No barrier is needed: a flow observes its own increment.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _uncommitted.Value != 0;
    }

    /// <summary>Innermost open scope of this flow.</summary>
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

    public static void BeginUncommitted() => Interlocked.Increment(ref _uncommitted.Value); // one counter for the flows of all caches

    public static void Release() => Interlocked.Decrement(ref _uncommitted.Value);

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

    /// <summary>Adds a call to the surrounding unit of work.</summary>
    /// <param name="unit">Current ledger of the call.</param>
    /// <param name="item">Call to add.</param>
    /// <returns>Receipt of the call; null if the call must be applied at once.</returns>
    /// <exception cref="InvalidOperationException">The surrounding transaction is completed and has not ended yet.</exception>
    public static InvalidationReceipt? Collect(ScopeLedger unit, ScopeItem item)
    {
        for (var ledger = unit; ledger is not null; ledger = Current())
        {
            if (ledger.TryAdd(item, out var state) is { } receipt)
                return receipt;
            if (ledger.IsOfTransaction)
                return state == ScopeState.Dropped ? Dropped(ledger, item.By.Log) : null;
        }

        return null;
    }

    /// <summary>Returns the current ledger for invalidations; null if invalidations are applied at once.</summary>
    /// <exception cref="InvalidOperationException">The surrounding transaction is completed and has not ended yet.</exception>
    public static ScopeLedger? Current()
    {
        var (transaction, isCompleting) = AmbientTransaction();
        if (ScopeOf(transaction, isCompleting) is { } scope)
            return scope.Ledger;
        if (isCompleting)
            throw Errors.TransactionIsCompleting();
        return transaction is null ? null : TransactionLedgers.For(transaction);
    }

    /// <summary>
    /// Returns the open scope that belongs to the same transaction as the running code, or to no transaction if the code has none. A scope around a
    /// transaction does not collect the invalidations inside, because the commit of the transaction decides, regardless of the scope.
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

    /// <summary>Returns true if this flow has collected an invalidation of the entry whose outcome is not decided yet.</summary>
    public static bool HasUncommitted(LogPartitions log, ReadOnlySpan<char> key, ReadOnlySpan<string> carried)
    {
        for (var scope = Ambient.Value; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger.HasUncommitted(log, key, carried))
                return true;
        }

        return TransactionLedgers.IsAnyOpen && (AmbientTransaction() is var (transaction, isCompleting))
            && (isCompleting || (transaction is not null && TransactionLedgers.Find(transaction) is { } ledger && ledger.HasUncommitted(log, key, carried)));
    }

    public static bool HasAnyUncommitted(LogPartitions log)
    {
        for (var scope = Ambient.Value; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger.HasAnyUncommitted(log))
                return true;
        }

        return TransactionLedgers.IsAnyOpen && (AmbientTransaction() is var (transaction, isCompleting))
            && (isCompleting || (transaction is not null && TransactionLedgers.Find(transaction) is { } ledger && ledger.HasAnyUncommitted(log)));
    }

    /// <summary>Returns true if the running code is part of the unit of work of the ledger. Waiting for the ledger would then never end.</summary>
    public static bool IsInside(ScopeLedger ledger)
    {
        for (var scope = Innermost; scope is not null; scope = scope.Around)
        {
            if (scope.Ledger == ledger)
                return true;
        }

        return AmbientTransaction().Transaction is { } transaction && TransactionLedgers.Find(transaction) == ledger;
    }

    /// <summary>Returns the ambient transaction if work can still join, and whether the transaction is completed but has not ended.</summary>
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
