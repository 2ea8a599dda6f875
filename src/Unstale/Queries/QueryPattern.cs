using Unstale.Values;

namespace Unstale.Queries;

/// <summary>
/// Creates patterns for the keys of cached queries, <c>query_cache:{QueryType}:{key}</c>. If the query itself or its type can be named, prefer
/// <see cref="InvalidationSet.Query"/> and <see cref="InvalidationSet.Queries{TQuery}"/>: a key or a tag costs less than a pattern.
/// </summary>
public static class QueryPattern
{
    /// <summary>Returns the pattern of all results of a query: <c>query_cache:{QueryType}:*</c>.</summary>
    /// <param name="prefix">Prefix of the query cache.</param>
    /// <exception cref="InvalidOperationException">The type is an interface or abstract. No query has such a name.</exception>
    public static GlobPattern ForQuery<TQuery>(string prefix = QueryCacheOptions.DefaultKeyPrefix) =>
        new($"{Start<TQuery>(prefix)}:*");

    /// <summary>
    /// Returns the patterns of results whose key contains the id as a whole segment at any position: <c>query_cache:{QueryType}*:{id}</c>, and keys
    /// that continue after the id. The id 123 matches <c>GetUser:user:123</c> and <c>GetUser:123:posts</c>, never <c>GetUser:user:1234</c>. The id 123
    /// of a query whose name starts with the same text also matches, at the cost of a load.
    /// </summary>
    /// <param name="id">Id as written in the key.</param>
    /// <param name="prefix">Prefix of the query cache.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public static IReadOnlyList<GlobPattern> ForEntity<TQuery>(string id, string prefix = QueryCacheOptions.DefaultKeyPrefix)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.Length == 0)
            throw Errors.SegmentId(id);
        var exact = $"{Start<TQuery>(prefix)}*:{GlobPattern.Escape(id)}";
        return [new GlobPattern(exact), new GlobPattern(exact + ":*")];
    }

    /// <inheritdoc cref="ForEntity{TQuery}(string, string)"/>
    public static IReadOnlyList<GlobPattern> ForEntity<TQuery>(long id, string prefix = QueryCacheOptions.DefaultKeyPrefix) =>
        ForEntity<TQuery>(id.ToString(System.Globalization.CultureInfo.InvariantCulture), prefix);

    /// <inheritdoc cref="ForEntity{TQuery}(string, string)"/>
    public static IReadOnlyList<GlobPattern> ForEntity<TQuery>(Guid id, string prefix = QueryCacheOptions.DefaultKeyPrefix) =>
        ForEntity<TQuery>(id.ToString("D"), prefix);

    private static string Start<TQuery>(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return GlobPattern.Escape($"{prefix}:{TypeNames.OfConcreteQuery(typeof(TQuery))}");
    }
}
