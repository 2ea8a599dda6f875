using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Storage;
using Unstale.EntityFrameworkCore.CachedQueries;
using Unstale.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore.Writes;
using Unstale.Loading;

namespace Unstale.EntityFrameworkCore.AllQueries;

/// <summary>Answers the commands of queries from the cache. A missing result is read by the command of the caller, and concurrent callers share it.</summary>
internal sealed class RowsInterceptor : DbCommandInterceptor
{
    public override InterceptionResult<DbDataReader> ReaderExecuting(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        if (Begin(command, eventData, result) is not { } call)
            return result;
        var rows = RowsAsync(call, isAsync: false, CancellationToken.None);
        return rows.IsCompletedSuccessfully ? Answer(rows.Result, result) : Answer(rows.AsTask().GetAwaiter().GetResult(), result);
    }

    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default) =>
        Begin(command, eventData, result) is { } call ? Answer(await RowsAsync(call, isAsync: true, cancellationToken).ConfigureAwait(false), result) : result;

    private static InterceptionResult<DbDataReader> Answer(CachedRows rows, InterceptionResult<DbDataReader> result) =>
        rows == CachedRows.None ? result : InterceptionResult<DbDataReader>.SuppressWithResult(new CachedRowsReader(rows));

    /// <summary>Returns the call for a command whose rows may come from the cache; null for any other command.</summary>
    private static Call? Begin(DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result)
    {
        if (result.HasResult || eventData is not { CommandSource: CommandSource.LinqQuery, Context: { } context } || RowsQuery.Current is not { } query || !ReferenceEquals(query.Context.Context, context))
            return null;

        // A load is cached itself, and its value depends on what this query reads.
        if (AmbientLoad.Current is not null || IsInTransaction(command, query.Context))
            return null;
        var cache = context.GetService<ContextCache>();
        if (cache.Queries is not { } options || query.Plan.IsExcluded(options) || CommandKey.Of(command, query) is not { } key)
            return null;
        return new Call(command, query, cache.Cache, options, key);
    }

    /// <summary>Returns whether the command can see rows that are not committed, or older ones.</summary>
    private static bool IsInTransaction(DbCommand command, QueryContext query) =>
        command.Transaction is not null
        || Transaction.Current is not null
        || query is not RelationalQueryContext { Connection: { } connection }
        || connection is ITransactionEnlistmentManager { EnlistedTransaction: not null }
        || OpenTransactions.Of(connection) is not null;

    private static async ValueTask<CachedRows> RowsAsync(Call call, bool isAsync, CancellationToken cancellationToken)
    {
        var owned = new OwnedQuery<CachedRows>(token => ReadAsync(call, isAsync, token));
        try
        {
            return await call.Cache.GetOrCreateAsync(
                call.Key, owned, LoadAsync, call.Options.Entry, tags: null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await owned.EndAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<CachedRows> LoadAsync(OwnedQuery<CachedRows> owned, LoadContext load, CancellationToken cancellationToken)
    {
        var rows = await owned.RunAsync(cancellationToken).ConfigureAwait(false);
        load.LocalSize = rows.Size();
        return rows;
    }

    private static async Task<CachedRows> ReadAsync(Call call, bool isAsync, CancellationToken cancellationToken)
    {
        var (query, command) = (call.Query, call.Command);
        if (ReadRecorder.Find(AmbientLoad.Current, query.Context.Context) is { } load)
            ReadRecorder.Record(load, query.Context, query.Plan.Plan, met: null); // the rows are read before the shaper runs
        else
            AmbientLoad.Taint(AmbientLoad.Current);
        var reader = isAsync ? await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false) : command.ExecuteReader();
        await using var owned = reader.ConfigureAwait(false);
        if (query.Plan.Find(reader) is not { } shape)
            return CachedRows.None;
        var rows = new List<object?[]>();
        while (isAsync ? await reader.ReadAsync(cancellationToken).ConfigureAwait(false) : reader.Read())
        {
            if (rows.Count == call.Options.MaximumRows)
                return CachedRows.None;
            rows.Add(shape.Read(reader));
        }

        return new CachedRows([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)], rows);
    }

    private sealed record Call(DbCommand Command, RowsQuery Query, UnstaleCache Cache, QueryCachingOptions Options, string Key);
}
