using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.Reads;

namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>Returns results of queries from the cache of their context.</summary>
internal static class CachedQuery
{
    private static readonly MethodInfo AsNoTracking =
        typeof(EntityFrameworkQueryableExtensions).GetMethods().Single(static method => method.Name is nameof(EntityFrameworkQueryableExtensions.AsNoTracking));

    /// <summary>Returns a result from the cache, or runs the query on its context.</summary>
    /// <param name="query">Query, as written by the caller.</param>
    /// <param name="kind">Part of the result: a list, the first element, the count.</param>
    /// <param name="run">Runs the query.</param>
    /// <param name="options">Options of the entry.</param>
    /// <param name="cancellationToken">Token of the caller.</param>
    public static async Task<TResult> RunAsync<T, TResult>(
        IQueryable<T> query,
        string kind,
        Func<IQueryable<T>, CancellationToken, Task<TResult>> run,
        UnstaleEntryOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var untracked = WithoutTracking(query);
        var capture = QueryCapture.Of(untracked);

        // Rows of an open transaction are visible to this context alone.
        if (capture.Context.Database.CurrentTransaction is not null)
            return await run(untracked, cancellationToken).ConfigureAwait(false);
        var owned = new OwnedQuery<TResult>(token => run(untracked, token));
        try
        {
            return await ContextCache.Of(capture.Context).GetOrCreateAsync(
                QueryKey.Of(capture, kind, typeof(TResult)), owned, static (owned, token) => owned.RunAsync(token), options, tags: null, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await owned.EndAsync().ConfigureAwait(false);
        }
    }

    private static IQueryable<T> WithoutTracking<T>(IQueryable<T> query) => typeof(T).IsValueType
        ? query
        : query.Provider.CreateQuery<T>(Expression.Call(AsNoTracking.MakeGenericMethod(typeof(T)), query.Expression));
}
