using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;

namespace Unstale.Queries;

/// <summary>Makes the keys of one query cache: <c>prefix:name:key</c>.</summary>
internal sealed class QueryKeys(QueryCacheOptions options)
{
    private readonly ConcurrentDictionary<Type, QueryKind> _kinds = new();
    private readonly ConcurrentDictionary<string, Type> _names = new(StringComparer.Ordinal);

    public string Prefix => options.KeyPrefix;

    /// <exception cref="InvalidOperationException">Another type has the same name, it has none that may stand in a key, or it is an interface or abstract.</exception>
    public QueryKind Of(Type type) => _kinds.TryGetValue(type, out var known) ? known : Add(type);

    /// <summary>The key of a query; null if its result is not kept.</summary>
    /// <exception cref="InvalidOperationException">Its key would be a hash, and it holds what has none.</exception>
    public string? KeyOf(object query) => KeyOf(query, Of(query.GetType()));

    /// <inheritdoc cref="KeyOf(object)"/>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The attribute and the option that lead here carry the warning.")]
    public string? KeyOf(object query, QueryKind kind) => query switch
    {
        ICacheableQuery { CacheKey: var key } => key is null ? null : kind.KeyStart + key,
        _ when kind.IsHashed || options.CacheAllQueries => kind.KeyStart + QueryHash.Of(query),
        _ => null,
    };

    private QueryKind Add(Type type)
    {
        var name = TypeNames.OfConcreteQuery(type);
        var owner = _names.GetOrAdd(name, type);
        if (owner != type)
            throw Errors.QueryNameTaken(name, owner, type);
        return _kinds.GetOrAdd(type, new QueryKind(name, $"{Prefix}:{name}", type.IsDefined(typeof(HashedQueryAttribute), inherit: false)));
    }
}

/// <summary>What is the same for all queries of a type.</summary>
/// <param name="Name">Its name in keys.</param>
/// <param name="Tag">The tag that all its results carry.</param>
/// <param name="IsHashed">Whether it wants a hash for a key.</param>
internal sealed record QueryKind(string Name, string Tag, bool IsHashed)
{
    public string KeyStart { get; } = Tag + ":";

    public string[] Tags { get; } = [Tag];
}
