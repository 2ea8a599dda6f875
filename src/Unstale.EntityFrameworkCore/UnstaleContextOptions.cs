namespace Unstale.EntityFrameworkCore;

/// <summary>Options of a context with <c>UseUnstale</c>.</summary>
public sealed class UnstaleContextOptions
{
    internal UnstaleContextOptions()
    {
    }

    /// <summary>Options of cached queries; null if no query is cached without a call.</summary>
    internal QueryCachingOptions? Queries { get; private set; }

    /// <summary>Whether a save reads the rows that it changes.</summary>
    internal bool ReadsOldValues { get; private set; }

    /// <summary>
    /// Reads the rows that a save updates or deletes before it writes them, under a lock in its transaction, so that a change contains the old values of a
    /// table without row version. Fewer values are invalidated, and a save costs one query more for each table. A save without a transaction begins one.
    /// Rows whose version the database compares are not read. For PostgreSQL and SQLite. Default: the rows are not read.
    /// </summary>
    /// <returns>The options.</returns>
    public UnstaleContextOptions ReadOldValues()
    {
        ReadsOldValues = true;
        return this;
    }

    /// <summary>
    /// Caches the rows of all queries of the context that do not track entities, without a call at the query. Each execution makes objects of its own.
    /// A query inside a transaction or inside a load, with SQL text, or with a function of time, chance or session is executed each time. Default: no
    /// query is cached.
    /// </summary>
    /// <param name="configure">Sets the lifetime, the maximum size of a result and the excluded tables.</param>
    /// <returns>The options.</returns>
    public UnstaleContextOptions CacheAllQueries(Action<QueryCachingOptions>? configure = null)
    {
        Queries ??= new QueryCachingOptions();
        configure?.Invoke(Queries);
        return this;
    }
}
