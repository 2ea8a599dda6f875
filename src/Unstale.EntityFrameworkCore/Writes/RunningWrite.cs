using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.Predicates;
using Unstale.Transactions;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>One write of a context, from before its commands until their outcome.</summary>
internal readonly struct RunningWrite
{
    private readonly DbContext _context;
    private readonly ContextWrites _writes;
    private readonly TransactionChanges? _transaction;
    private readonly int _rollbacks;

    private RunningWrite(DbContext context)
    {
        _context = context;
        _writes = context.GetService<ContextWrites>();
        _transaction = OpenTransactions.Of(_writes.Connection);
        _rollbacks = _transaction?.Rollbacks ?? 0;
    }

    /// <summary>Creates the forms of values.</summary>
    public ColumnHash Hash => _writes.Cache.ColumnHash;

    /// <summary>Begins a write.</summary>
    /// <exception cref="InvalidOperationException">The commit of the transaction cannot be observed.</exception>
    public static RunningWrite Begin(DbContext context)
    {
        var write = new RunningWrite(context);
        if (write._transaction is { IsForeign: true } && AmbientScope.Innermost is null)
            throw Errors.ForeignTransaction();
        write._writes.Begin();
        return write;
    }

    /// <summary>Waits for a task in a synchronous call of Entity Framework Core.</summary>
    public static void Wait(ValueTask task)
    {
        if (!task.IsCompletedSuccessfully)
            task.AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Adds executed changes to the transaction, or raises them if the database has committed them.</summary>
    public ValueTask EndAsync(IReadOnlyList<RowChange> changes)
    {
        _writes.End();
        if (changes.Count == 0)
            return ValueTask.CompletedTask;
        if (_transaction is not null)
            _transaction.Add(_writes.Cache, changes);
        else if (Ambient() is not { } ambient || !_writes.Cache.CollectRows(changes, TransactionChanges.Reason, ambient))
            return _writes.Cache.CommittedRowsAsync(changes, TransactionChanges.Reason);
        return ValueTask.CompletedTask;
    }

    /// <summary>Raises the changes of a failed write, unless they are certainly undone.</summary>
    /// <param name="exception">Exception of the write.</param>
    /// <param name="changes">Creates the changes.</param>
    public ValueTask FailAsync(Exception exception, Func<IReadOnlyList<RowChange>> changes)
    {
        _writes.End();
        return IsUndone(exception) ? ValueTask.CompletedTask : EndAsync(changes());
    }

    private bool IsUndone(Exception exception)
    {
        if (_transaction is not null)
            return _transaction.Rollbacks > _rollbacks; // to the savepoint that the write began with
        if (Ambient() is not null)
            return false;
        var refused = IsRefusal(exception);
        if (_writes.HasTransaction)
            return refused || !_writes.IsCommitting;
        return refused && _context.Database.AutoTransactionBehavior != AutoTransactionBehavior.Never;
    }

    private static bool IsRefusal(Exception exception)
    {
        if (exception is DbUpdateConcurrencyException)
            return true;
        var cause = exception is DbUpdateException { InnerException: { } inner } ? inner : exception;
        return cause is DbException && InvalidatingTransaction.IsRefusal(cause);
    }

    /// <summary>Returns the transaction of <see cref="System.Transactions"/> in which the connection is enlisted, or will be.</summary>
    private Transaction? Ambient() => !_writes.CanEnlist ? null
        : (_writes.Connection as ITransactionEnlistmentManager)?.EnlistedTransaction ?? AmbientScope.AmbientTransaction().Transaction;
}
