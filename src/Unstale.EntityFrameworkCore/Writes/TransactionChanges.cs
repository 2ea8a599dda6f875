using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>
/// Changes written in one transaction of a connection, raised when its commit has succeeded or may have. Several contexts may write in the transaction.
/// </summary>
/// <param name="transaction">Transaction of the database.</param>
/// <param name="owner">Connection that began the transaction, and reports its end; null if the application began it.</param>
internal sealed class TransactionChanges(DbTransaction transaction, IRelationalConnection? owner)
{
    /// <summary>Reason of the records, for diagnosis.</summary>
    public const string Reason = "Entity Framework Core";

    private readonly WeakReference<IRelationalConnection>? _owner = owner is null ? null : new(owner);
    private readonly Lock _gate = new();
    private readonly List<(UnstaleCache Cache, RowChange Change)> _changes = [];

    /// <summary>Number of changes before each savepoint. Events of savepoints have no names.</summary>
    private readonly Stack<int> _savepoints = new();
    private volatile bool _isDecided;

    /// <summary>Whether no event reports the commit, because the application began the transaction without the context.</summary>
    public bool IsForeign => _owner is null;

    /// <summary>Number of rollbacks to a savepoint.</summary>
    public int Rollbacks { get; private set; }

    /// <summary>Whether the transaction of a context has not ended. The disposal of a transaction raises no event.</summary>
    public bool IsOpen =>
        !_isDecided && _owner is not null && _owner.TryGetTarget(out var connection) && OpenTransactions.CurrentOf(connection) == transaction;

    public bool IsOf(IRelationalConnection connection) => _owner is not null && _owner.TryGetTarget(out var mine) && mine == connection;

    /// <summary>Adds changes that the database has executed, and makes their values unavailable to the reads of an open scope of this flow.</summary>
    public void Add(UnstaleCache cache, IReadOnlyList<RowChange> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
                _changes.Add((cache, change));
        }

        cache.HoldRows(changes, Reason, () => _isDecided);
    }

    public void CreatedSavepoint()
    {
        lock (_gate)
            _savepoints.Push(_changes.Count);
    }

    /// <summary>
    /// Removes the changes since the newest savepoint. All of them are undone, whichever savepoint was named. Changes between an older savepoint and the newest
    /// one remain, and are raised in vain.
    /// </summary>
    public void RolledBackToSavepoint()
    {
        lock (_gate)
        {
            Rollbacks++;
            if (_savepoints.TryPeek(out var before) && before < _changes.Count)
                _changes.RemoveRange(before, _changes.Count - before);
        }
    }

    /// <summary>Forgets the newest savepoint. If an older one was named, the remaining savepoints are at most too many, and less is removed than was undone.</summary>
    public void ReleasedSavepoint()
    {
        lock (_gate)
            _savepoints.TryPop(out _);
    }

    /// <summary>Raises the changes, as one record for each log.</summary>
    public ValueTask CommittedAsync()
    {
        _isDecided = true;
        return RaiseAsync(Take(isLast: true));
    }

    /// <summary>Raises the changes of a commit that failed and may have succeeded. The changes remain, because the commit may be tried again.</summary>
    public ValueTask CommitFailedAsync(Exception exception) =>
        InvalidatingTransaction.IsRefusal(exception) ? ValueTask.CompletedTask : RaiseAsync(Take(isLast: false));

    public void RolledBack()
    {
        _isDecided = true;
        Take(isLast: true);
    }

    private List<(UnstaleCache Cache, RowChange Change)> Take(bool isLast)
    {
        lock (_gate)
        {
            List<(UnstaleCache, RowChange)> taken = [.. _changes];
            if (isLast)
                _changes.Clear();
            return taken;
        }
    }

    private static async ValueTask RaiseAsync(List<(UnstaleCache Cache, RowChange Change)> changes)
    {
        foreach (var of in changes.GroupBy(static of => of.Cache, static of => of.Change))
            await of.Key.CommittedRowsAsync([.. of], Reason).ConfigureAwait(false);
    }
}
