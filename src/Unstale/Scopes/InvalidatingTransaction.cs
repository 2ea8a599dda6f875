using System.Data.Common;

namespace Unstale;

/// <summary>
/// A database transaction and what it makes untrue, ended together: what is raised in this flow of calls until then is raised when the commit
/// has succeeded, and forgotten when the transaction is rolled back or disposed.
/// </summary>
/// <remarks>
/// It is what an <see cref="InvalidationScope"/> is, and decides for itself: a scope or transaction around has no say in it. Make it in the method whose
/// work it is, not in an async method that returns it.
/// </remarks>
public class InvalidatingTransaction : IAsyncDisposable
{
    private readonly InvalidationScope _scope;

    /// <summary>Begins it.</summary>
    /// <param name="transaction">The open transaction; it is owned from here on.</param>
    /// <param name="invalidator">Whose receipt <see cref="CommitAsync"/> returns; what is raised through others is taken too.</param>
    public InvalidatingTransaction(DbTransaction transaction, IInvalidator invalidator)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(invalidator);
        Transaction = transaction;
        _scope = invalidator.BeginScope(joinsOuter: false);
    }

    /// <summary>The transaction, for the commands.</summary>
    public DbTransaction Transaction { get; }

    /// <inheritdoc cref="InvalidationScope.RepeatAfter"/>
    public TimeSpan RepeatAfter
    {
        get => _scope.RepeatAfter;
        set => _scope.RepeatAfter = value;
    }

    /// <summary>
    /// Commits, and raises what the transaction made untrue. A commit that fails raises nothing, unless <see cref="MayHaveCommitted"/>: then it is raised
    /// and the exception thrown all the same. Once the commit has succeeded nothing is thrown any more: whether the log has the invalidation
    /// is for the receipt to say.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancels the commit, as far as the database allows that, and afterwards the waiting; never the invalidation of what was committed.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// It was ended before, a scope that was begun inside is still open, or this flow of calls is not the one that began it. Nothing is committed.
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

    /// <summary>Rolls back. What was raised is forgotten, also where the rollback fails: what is not committed did not happen.</summary>
    /// <param name="cancellationToken">Ends the waiting for the database.</param>
    public async Task RollbackAsync(CancellationToken cancellationToken = default)
    {
        using (_scope)
            await Transaction.RollbackAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Disposes the transaction, which rolls it back if it was not committed, and forgets what was raised.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_scope)
            await DisposeCoreAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes the transaction.</summary>
    protected virtual ValueTask DisposeCoreAsync() => Transaction.DisposeAsync();

    /// <summary>
    /// True if a commit that failed so may have succeeded all the same. Here that is every exception but the database's own answer: a
    /// <see cref="DbException"/> with an <see cref="DbException.SqlState"/> that neither speaks of the connection (class 08), nor of an operator, a system
    /// error or one of the database itself (57, 58, XX), nor of an unknown completion (40003).
    /// </summary>
    /// <param name="exception">What the commit threw.</param>
    protected virtual bool MayHaveCommitted(Exception exception) =>
        exception is not DbException { SqlState: { Length: 5 } state } || state is "40003" || state[..2] is "08" or "57" or "58" or "XX";
}
