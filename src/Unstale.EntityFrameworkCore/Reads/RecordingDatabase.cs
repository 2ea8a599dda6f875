using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Unstale.EntityFrameworkCore.Writes;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>Database of a provider whose executed plans are recorded in the running load, and whose saved entries become changes of rows.</summary>
/// <param name="inner">Database of the provider.</param>
/// <param name="decorator">Wraps the plans of queries; null for none.</param>
/// <param name="readsOldValues">Whether a save reads the rows that it changes.</param>
internal sealed class RecordingDatabase(IDatabase inner, IPlanDecorator? decorator, bool readsOldValues) : IDatabase
{
    public int SaveChanges(IList<IUpdateEntry> entries)
    {
        if (!readsOldValues || LockedSave.Of(entries) is not { } save)
            return SaveChanges(entries, stored: null);
        using (save)
        {
            var count = SaveChanges(entries, save.Read());
            save.Commit();
            return count;
        }
    }

    public async Task<int> SaveChangesAsync(IList<IUpdateEntry> entries, CancellationToken cancellationToken = default)
    {
        if (!readsOldValues || LockedSave.Of(entries) is not { } save)
            return await SaveChangesAsync(entries, stored: null, cancellationToken).ConfigureAwait(false);
        await using var disposed = save.ConfigureAwait(false);
        var stored = await save.ReadAsync(cancellationToken).ConfigureAwait(false);
        var count = await SaveChangesAsync(entries, stored, cancellationToken).ConfigureAwait(false);
        await save.CommitAsync(cancellationToken).ConfigureAwait(false);
        return count;
    }

    public Func<QueryContext, TResult> CompileQuery<TResult>(Expression query, bool async) => PlanCompiler.Compile<TResult>(inner, query, async, decorator);

#pragma warning disable EF9100 // precompiled queries are experimental; the interface requires the member
    public Expression<Func<QueryContext, TResult>> CompileQueryExpression<TResult>(Expression query, bool async) => inner.CompileQueryExpression<TResult>(query, async);
#pragma warning restore EF9100

    private int SaveChanges(IList<IUpdateEntry> entries, StoredRows? stored)
    {
        var saved = SavedEntries.Begin(entries, stored);
        int count;
        try
        {
            count = inner.SaveChanges(entries);
        }
        catch (Exception exception)
        {
            saved?.Fail(exception);
            throw;
        }

        saved?.End();
        return count;
    }

    private async Task<int> SaveChangesAsync(IList<IUpdateEntry> entries, StoredRows? stored, CancellationToken cancellationToken)
    {
        var saved = SavedEntries.Begin(entries, stored);
        int count;
        try
        {
            count = await inner.SaveChangesAsync(entries, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (saved is not null)
                await saved.FailAsync(exception).ConfigureAwait(false);
            throw;
        }

        if (saved is not null)
            await saved.EndAsync().ConfigureAwait(false);
        return count;
    }
}
