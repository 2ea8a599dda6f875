using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>A save that reads and locks its rows first, in the transaction of the context or in one of its own.</summary>
internal sealed class LockedSave : IDisposable, IAsyncDisposable
{
    private readonly DbContext _context;
    private readonly List<SavedPart> _parts;
    private readonly bool _begins;
    private IDbContextTransaction? _own;
    private bool _hadSavepoints;

    private LockedSave(DbContext context, List<SavedPart> parts, bool begins) => (_context, _parts, _begins) = (context, parts, begins);

    /// <summary>Returns the save; null if the database checks all old values, or if the application forbids a transaction.</summary>
    /// <exception cref="InvalidOperationException">Rows cannot be locked with the provider of the context.</exception>
    public static LockedSave? Of(IList<IUpdateEntry> entries)
    {
        List<SavedPart> parts = [.. entries.SelectMany(StoredRows.PartsOf)];
        if (parts.Count == 0)
            return null;
        var context = entries[0].Context;
        if (!MappedTable.CanLock(context.Database.ProviderName))
            throw Errors.NoLock(context.Database.ProviderName);
        var begins = !IsInTransaction(context);
        return begins && context.Database.AutoTransactionBehavior == AutoTransactionBehavior.Never ? null : new LockedSave(context, parts, begins);
    }

    public StoredRows Read() => ReadAsync(isAsync: false, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    public ValueTask<StoredRows> ReadAsync(CancellationToken cancellationToken) => ReadAsync(isAsync: true, cancellationToken);

    public void Commit() => _own?.Commit();

    public Task CommitAsync(CancellationToken cancellationToken) => _own?.CommitAsync(cancellationToken) ?? Task.CompletedTask;

    public void Dispose()
    {
        RestoreSavepoints();
        _own?.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        RestoreSavepoints();
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

    private async ValueTask<StoredRows> ReadAsync(bool isAsync, CancellationToken cancellationToken)
    {
        var database = _context.Database;
        if (_begins)
            Began(isAsync ? await database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false) : database.BeginTransaction());
        if (isAsync)
            await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        else
            database.OpenConnection();
        try
        {
            return await StoredRows.ReadAsync(_context, _parts, isAsync, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (isAsync)
                await database.CloseConnectionAsync().ConfigureAwait(false);
            else
                database.CloseConnection();
        }
    }

    /// <summary>A failure of the save undoes the whole transaction, so that the save needs no savepoint.</summary>
    private void Began(IDbContextTransaction own)
    {
        _own = own;
        _hadSavepoints = _context.Database.AutoSavepointsEnabled;
        _context.Database.AutoSavepointsEnabled = false;
    }

    private void RestoreSavepoints()
    {
        if (_own is not null)
            _context.Database.AutoSavepointsEnabled = _hadSavepoints;
    }
}
