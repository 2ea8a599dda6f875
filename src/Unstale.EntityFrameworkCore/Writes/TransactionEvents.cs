using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Events of the transactions of all contexts. A commit raises the changes that were written before.</summary>
internal sealed class TransactionEvents : DbTransactionInterceptor
{
    private const string Commit = "Commit";

    public override DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        if (WritesOf(eventData) is not { } writes)
            return result;
        if (writes.IsRunning)
            writes.Started();
        else
            OpenTransactions.Started(writes.Connection, connection, result);
        return result;
    }

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionStarted(connection, eventData, result));

    public override DbTransaction TransactionUsed(DbConnection connection, TransactionEventData eventData, DbTransaction result)
    {
        if (WritesOf(eventData) is { } writes)
            OpenTransactions.Used(writes.Connection, result);
        return result;
    }

    public override ValueTask<DbTransaction> TransactionUsedAsync(
        DbConnection connection, TransactionEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionUsed(connection, eventData, result));

    public override InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        WritesOf(eventData)?.Committing();
        return result;
    }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        new(TransactionCommitting(transaction, eventData, result));

    public override void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) =>
        RunningWrite.Wait(CommittedAsync(transaction));

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        CommittedAsync(transaction).AsTask();

    public override void TransactionRolledBack(DbTransaction transaction, TransactionEndEventData eventData) => OpenTransactions.Find(transaction)?.RolledBack();

    public override Task TransactionRolledBackAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        TransactionRolledBack(transaction, eventData);
        return Task.CompletedTask;
    }

    public override void TransactionFailed(DbTransaction transaction, TransactionErrorEventData eventData) => RunningWrite.Wait(FailedAsync(transaction, eventData));

    public override Task TransactionFailedAsync(DbTransaction transaction, TransactionErrorEventData eventData, CancellationToken cancellationToken = default) =>
        FailedAsync(transaction, eventData).AsTask();

    public override void CreatedSavepoint(DbTransaction transaction, TransactionEventData eventData) => OpenTransactions.Find(transaction)?.CreatedSavepoint();

    public override Task CreatedSavepointAsync(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken = default)
    {
        CreatedSavepoint(transaction, eventData);
        return Task.CompletedTask;
    }

    public override void RolledBackToSavepoint(DbTransaction transaction, TransactionEventData eventData) =>
        OpenTransactions.Find(transaction)?.RolledBackToSavepoint();

    public override Task RolledBackToSavepointAsync(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken = default)
    {
        RolledBackToSavepoint(transaction, eventData);
        return Task.CompletedTask;
    }

    public override void ReleasedSavepoint(DbTransaction transaction, TransactionEventData eventData) => OpenTransactions.Find(transaction)?.ReleasedSavepoint();

    public override Task ReleasedSavepointAsync(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken = default)
    {
        ReleasedSavepoint(transaction, eventData);
        return Task.CompletedTask;
    }

    private static ValueTask CommittedAsync(DbTransaction transaction) => OpenTransactions.Find(transaction)?.CommittedAsync() ?? ValueTask.CompletedTask;

    private static ValueTask FailedAsync(DbTransaction transaction, TransactionErrorEventData failed) =>
        failed.Action == Commit && OpenTransactions.Find(transaction) is { } changes ? changes.CommitFailedAsync(failed.Exception) : ValueTask.CompletedTask;

    private static ContextWrites? WritesOf(TransactionEventData of) => of.Context?.GetService<ContextWrites>();
}
