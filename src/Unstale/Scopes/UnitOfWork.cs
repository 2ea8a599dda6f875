using System.Transactions;

namespace Unstale;

/// <summary>The unit of work of the running code: scopes, transactions and bypasses.</summary>
internal static class UnitOfWork
{
    /// <summary>
    /// True inside an open scope or transaction. A value that is read there may never be committed, or be older than what was, so it goes to
    /// its caller alone. A transaction that is completed and not disposed counts as open: its commit is still to come.
    /// </summary>
    public static bool IsOpen => ScopeFlow.Innermost is not null || ScopeFlow.AmbientTransaction() is not (null, false);

    /// <summary>Takes the running flow out of every scope, transaction and bypass. The flow that it was copied from keeps them.</summary>
    public static void Leave()
    {
        ScopeFlow.Enter(null);
        Bypass.LeaveAll();

        // Also where there is none: it takes the flow out of a scope that suppresses transactions, which would throw here once it is completed.
        Transaction.Current = null;
    }
}
