using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>A save that reads and locks its rows first, in the transaction of the context or in one of its own.</summary>
internal sealed class LockedSave : IDisposable, IAsyncDisposable
{
    private readonly DbContext _context;
    private readonly IList<IUpdateEntry> _entries;
    private readonly bool _hadSavepoints;
    private IDbContextTransaction? _own;

    private LockedSave(DbContext context, IList<IUpdateEntry> entries)
    {
        (_context, _entries) = (context, entries);
        _hadSavepoints = context.Database.AutoSavepointsEnabled;
    }

    /// <summary>Returns the save; null if the database checks all old values, or if the application forbids a transaction.</summary>
    /// <exception cref="InvalidOperationException">Rows cannot be locked with the provider of the context.</exception>
    public static LockedSave? Of(IList<IUpdateEntry> entries)
    {
        if (entries.Count == 0 || !StoredRows.AreNeeded(entries))
            return null;
        var context = entries[0].Context;
        if (!MappedTable.CanLock(context.Database.ProviderName))
            throw Errors.NoLock(context.Database.ProviderName);
        return context.Database.AutoTransactionBehavior == AutoTransactionBehavior.Never && !IsInTransaction(context) ? null : new LockedSave(context, entries);
    }

    public StoredRows Read()
    {
        if (!IsInTransaction(_context))
            Began(_context.Database.BeginTransaction());
        _context.Database.OpenConnection();
        try
        {
            return StoredRows.ReadAsync(_context, _entries, ContextCache.Of(_context).ColumnHash, isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            _context.Database.CloseConnection();
        }
    }

    public async ValueTask<StoredRows> ReadAsync(CancellationToken cancellationToken)
    {
        if (!IsInTransaction(_context))
            Began(await _context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false));
        await _context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await StoredRows.ReadAsync(_context, _entries, ContextCache.Of(_context).ColumnHash, isAsync: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }
    }

    public void Commit() => _own?.Commit();

    public Task CommitAsync(CancellationToken cancellationToken) => _own?.CommitAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose()
    {
        _context.Database.AutoSavepointsEnabled = _hadSavepoints;
        _own?.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _context.Database.AutoSavepointsEnabled = _hadSavepoints;
        return _own?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    /// <summary>Returns whether the save is part of a transaction that exists: of this context, of another one on its connection, or of a scope.</summary>
    private static bool IsInTransaction(DbContext context)
    {
        var writes = context.GetService<ContextWrites>();
        if (OpenTransactions.Of(writes.Connection) is not null)
            return true;
        return writes.CanEnlist && ((writes.Connection as ITransactionEnlistmentManager)?.EnlistedTransaction ?? System.Transactions.Transaction.Current) is not null;
    }

    /// <summary>A failure of the save undoes the whole transaction, so that the save needs no savepoint.</summary>
    private void Began(IDbContextTransaction own)
    {
        _own = own;
        _context.Database.AutoSavepointsEnabled = false;
    }
}
