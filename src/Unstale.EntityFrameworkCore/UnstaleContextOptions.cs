namespace Unstale.EntityFrameworkCore;

/// <summary>Options of a context with <c>UseUnstale</c>.</summary>
public sealed class UnstaleContextOptions
{
    internal UnstaleContextOptions()
    {
    }

    /// <summary>Options of cached queries; null if no query is cached without a call.</summary>
    internal QueryCachingOptions? Queries { get; private set; }

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
