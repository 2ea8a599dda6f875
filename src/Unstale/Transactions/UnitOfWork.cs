using System.Transactions;

namespace Unstale.Transactions;

/// <summary>Unit of work of the running code: scopes, transactions and bypasses.</summary>
internal static class UnitOfWork
{
    /// <summary>
    /// Whether the code runs inside an open scope or transaction. A value read there may never be committed, or may be older than the committed value, so
    /// it is returned only to its caller. A completed but not yet disposed transaction counts as open, because its commit has not happened yet.
    /// </summary>
    public static bool IsOpen => AmbientScope.Innermost is not null || AmbientScope.AmbientTransaction() is not (null, false);

    /// <summary>
    /// Runs work outside every scope, transaction and bypass of the caller. Uses the thread pool where there may be one, because a transaction may belong to the thread of the
    /// caller.
    /// </summary>
    public static ValueTask<T> RunOutsideAsync<TState, T>(TState state, Func<TState, ValueTask<T>> work)
    {
        if (!AmbientScope.AnyUncommitted && !IsOpen)
            return work(state);
        return new(Task.Run(() =>
        {
            Leave();
            return work(state).AsTask();
        }));
    }

    /// <summary>Detaches the running flow from every scope, transaction and bypass. The flow from which the running one was copied is not affected.</summary>
    public static void Leave()
    {
        AmbientScope.Enter(null);
        Bypass.LeaveAll();

        // Also without a transaction: the assignment detaches the flow from a scope that suppresses transactions, which would throw here once completed.
        Transaction.Current = null;
    }
}
