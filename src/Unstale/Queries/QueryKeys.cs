using System.Collections.Concurrent;
using System.Reflection;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>Builds the keys of one query cache: <c>prefix:name:key</c>.</summary>
internal sealed class QueryKeys(QueryCacheOptions options)
{
    private readonly ConcurrentDictionary<Type, QueryKind> _kinds = new();
    private readonly ConcurrentDictionary<string, Type> _names = new(StringComparer.Ordinal);

    public string Prefix => options.KeyPrefix;

    /// <summary>Pattern of all keys of the query cache.</summary>
    public GlobPattern AllQueries => new(GlobPattern.Escape(Prefix) + ":*");

    /// <exception cref="InvalidOperationException">Another type has the same name, the name is not allowed in a key, or the type is an interface or abstract.</exception>
    public QueryKind KindOf(Type type) => _kinds.TryGetValue(type, out var known) ? known : Add(type);

    /// <summary>Returns the key of a query; null if the result is not cached.</summary>
    /// <exception cref="InvalidOperationException">The key must be a hash, and the query contains a value that cannot be hashed.</exception>
    public string? KeyOf(object query) => KeyOf(query, KindOf(query.GetType()));

    /// <inheritdoc cref="KeyOf(object)"/>
    public string? KeyOf(object query, QueryKind kind) => query switch
    {
        ICacheableQuery { CacheKey: var key } => key is null ? null : kind.KeyStart + key,
        _ when kind.IsHashed || options.CacheAllQueries => kind.KeyStart + HashOf(query),
        _ => null,
    };

    private string HashOf(object query)
    {
        if (options.JsonTypeInfoResolver is { } resolver)
            return QueryHash.Of(query, resolver);
        return WholeReflection.IsAvailable ? QueryHash.Of(query) : throw Errors.QueryMembersHidden(query.GetType());
    }

    private QueryKind Add(Type type)
    {
        var name = TypeNames.OfConcreteQuery(type);
        var owner = _names.GetOrAdd(name, type);
        if (owner != type)
            throw Errors.QueryNameTaken(name, owner, type);
        return _kinds.GetOrAdd(type, new QueryKind(name, $"{Prefix}:{name}", type.IsDefined(typeof(HashedQueryAttribute), inherit: false)));
    }
}

/// <summary>Properties shared by all queries of a type.</summary>
/// <param name="Name">Name of the query in keys.</param>
/// <param name="Tag">Tag of all results of the query.</param>
/// <param name="IsHashed">Whether the query type requests a hash as the key.</param>
internal sealed record QueryKind(string Name, string Tag, bool IsHashed)
{
    public string KeyStart { get; } = Tag + ":";

    public string[] Tags { get; } = [Tag];
}
