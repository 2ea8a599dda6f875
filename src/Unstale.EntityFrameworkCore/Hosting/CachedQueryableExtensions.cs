using Unstale;
using Unstale.EntityFrameworkCore;
using Unstale.EntityFrameworkCore.CachedQueries;

namespace Microsoft.EntityFrameworkCore;

/// <summary>
/// Extensions that return the results of queries from the cache of their context, see
/// <see cref="UnstaleDbContextOptionsBuilderExtensions.UseUnstale(DbContextOptionsBuilder, Action{UnstaleContextOptions})"/>. The key is made of the query, its parameters, the types of
/// result and context, and the database. A missing result is read by the context of the query, without tracking; inside a transaction of the context, each
/// call reads.
/// </summary>
public static class CachedQueryableExtensions
{
#pragma warning disable MA0016 // the type of ToListAsync, which the call replaces
    /// <summary>Returns the elements of a query.</summary>
    /// <typeparam name="T">Type of the elements.</typeparam>
    /// <param name="query">Query of a context with UseUnstale.</param>
    /// <param name="options">Lifetime and other options of the entry. Default: null (options of the cache).</param>
    /// <param name="cancellationToken">Cancels the wait. The call still ends after a query that runs on its context.</param>
    /// <returns>Elements, not tracked by the context.</returns>
    /// <exception cref="InvalidOperationException">The query is not one of a context with UseUnstale, or has a parameter without a text.</exception>
    public static Task<List<T>> ToCachedListAsync<T>(this IQueryable<T> query, UnstaleEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        CachedQuery.RunAsync(query, "list", static (query, token) => query.ToListAsync(token), options, cancellationToken);
#pragma warning restore MA0016

    /// <summary>Returns the first element of a query; the default of the type if there is none.</summary>
    /// <inheritdoc cref="ToCachedListAsync{T}"/>
    /// <returns>First element, not tracked by the context.</returns>
    public static Task<T?> CachedFirstOrDefaultAsync<T>(this IQueryable<T> query, UnstaleEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        CachedQuery.RunAsync(query, "first", static (query, token) => query.FirstOrDefaultAsync(token), options, cancellationToken);

    /// <summary>Returns the number of elements of a query.</summary>
    /// <inheritdoc cref="ToCachedListAsync{T}"/>
    /// <returns>Number of elements.</returns>
    public static Task<int> CachedCountAsync<T>(this IQueryable<T> query, UnstaleEntryOptions? options = null, CancellationToken cancellationToken = default) =>
        CachedQuery.RunAsync(query, "count", static (query, token) => query.CountAsync(token), options, cancellationToken);
}
