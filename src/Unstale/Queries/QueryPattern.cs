namespace Unstale.Queries;

/// <summary>
/// Patterns over the keys of cached queries, <c>query_cache:{QueryType}:{key}</c>. Where the query itself can be named, or its type, say so
/// with <see cref="InvalidationSet.Query"/> and <see cref="InvalidationSet.Queries{TQuery}"/>: a key or a tag costs less than a pattern.
/// </summary>
public static class QueryPattern
{
    /// <summary>All results of a query: <c>query_cache:{QueryType}:*</c>.</summary>
    /// <param name="prefix">The prefix of the query cache.</param>
    /// <exception cref="InvalidOperationException">The type is an interface or abstract: no query has its name.</exception>
    public static GlobPattern ForQuery<TQuery>(string prefix = QueryCacheOptions.DefaultKeyPrefix) =>
        new($"{Start<TQuery>(prefix)}:*");

    /// <summary>
    /// Results of a query whose key holds the id as a whole segment, wherever: <c>query_cache:{QueryType}*:{id}</c>, and those below it. An
    /// id of 123 takes <c>GetUser:user:123</c> and <c>GetUser:123:posts</c>, never <c>GetUser:user:1234</c>; it also takes the id 123 of
    /// a query whose name only begins alike, which costs a load.
    /// </summary>
    /// <param name="id">The id as it stands in the key.</param>
    /// <param name="prefix">The prefix of the query cache.</param>
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
