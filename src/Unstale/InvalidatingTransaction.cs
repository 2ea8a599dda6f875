using System.Data.Common;

namespace Unstale;

/// <summary>
/// Database transaction together with its invalidations. Invalidations in this flow of calls are collected, applied when the commit has succeeded, and
/// discarded when the transaction is rolled back or disposed.
/// </summary>
/// <remarks>
/// Behaves like an <see cref="InvalidationScope"/>, but independently: a surrounding scope or transaction has no influence on the outcome. Create the
/// object in the method that does the work, not in an async method that returns it.
/// </remarks>
public class InvalidatingTransaction : IAsyncDisposable
{
    private readonly InvalidationScope _scope;

    /// <summary>Begins to collect invalidations for an open transaction.</summary>
    /// <param name="transaction">Open transaction. Owned by the new object.</param>
    /// <param name="invalidator">
    /// Invalidator whose receipt <see cref="CommitAsync"/> returns. Invalidations through other invalidators are collected too.
    /// </param>
    public InvalidatingTransaction(DbTransaction transaction, IInvalidator invalidator)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(invalidator);
        Transaction = transaction;
        _scope = invalidator.BeginScope(joinsOuter: false);
    }

    /// <summary>Database transaction, for use by commands.</summary>
    public DbTransaction Transaction { get; }

    /// <inheritdoc cref="InvalidationScope.ReplicationLag"/>
    public TimeSpan ReplicationLag
    {
        get => _scope.ReplicationLag;
        set => _scope.ReplicationLag = value;
    }

    /// <summary>
    /// Commits the transaction and applies its invalidations. If the commit fails, nothing is invalidated, unless <see cref="MayHaveCommitted"/> returns
    /// true: then the invalidations are applied and the exception is still thrown. After a successful commit nothing is thrown. The receipt reports
    /// whether the log has the invalidation.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancels the commit, as far as the database permits, and afterwards the wait. The invalidation after a commit is not cancelled.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// The transaction has already ended, a scope begun inside is still open, or the transaction was begun in another flow of calls. Nothing is committed.
    /// </exception>
    public async Task<InvalidationReceipt> CommitAsync(CancellationToken cancellationToken = default)
    {
        _scope.ThrowIfItCannotComplete();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await Transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (MayHaveCommitted(exception))
                _scope.ComeAbout();
            else
                _scope.Dispose();
            throw;
        }

        var (outcome, raise) = _scope.ComeAbout();
        await ((Task)raise.Ended).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return outcome.Raised ?? outcome.Receipt;
    }

    /// <summary>Rolls back the transaction and discards the invalidations, even if the rollback fails, since uncommitted work has no effect.</summary>
    /// <param name="cancellationToken">Cancels the wait for the database.</param>
    public async Task RollbackAsync(CancellationToken cancellationToken = default)
    {
        using (_scope)
            await Transaction.RollbackAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Disposes the transaction, which rolls back uncommitted work, and discards the invalidations.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_scope)
            await DisposeCoreAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the database transaction.</summary>
    protected virtual ValueTask DisposeCoreAsync() => Transaction.DisposeAsync();

    /// <summary>
    /// Returns true if a commit may have succeeded although the call failed. The default implementation returns false only for an error reported by the
    /// database itself: a <see cref="DbException"/> whose <see cref="DbException.SqlState"/> is not about the connection (class 08), operator intervention
    /// (57), a system error (58), an internal error of the database (XX), or an unknown completion (40003).
    /// </summary>
    /// <param name="exception">Exception thrown by the commit.</param>
    protected virtual bool MayHaveCommitted(Exception exception) => !IsRefusal(exception);

    /// <summary>Returns whether a database has certainly not executed a command that failed.</summary>
    internal static bool IsRefusal(Exception exception) =>
        exception is DbException { SqlState: { Length: 5 } state } && state is not "40003" && state[..2] is not ("08" or "57" or "58" or "XX");
}
