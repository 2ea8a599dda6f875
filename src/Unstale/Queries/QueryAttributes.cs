namespace Unstale.Queries;

/// <summary>
/// Sets the name of a query in keys. Required if queries in different namespaces have the same name, and for types with a
/// compiler-generated name.
/// </summary>
/// <param name="name">Name in keys: not empty, without <c>:</c>, <c>*</c>, <c>?</c>, <c>[</c>, <c>]</c> and <c>\</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class QueryNameAttribute(string name) : Attribute
{
    /// <summary>Name of the query in keys.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Caches the results of a query that provides no key, under a hash of all its members: see <see cref="QueryHash"/>.
/// <see cref="QueryCacheOptions.CacheAllQueries"/> does the same for every query.
/// </summary>
/// <remarks>
/// A query without members is rejected: implement <see cref="ICacheableQuery"/> to provide a key. In an application that is trimmed or compiled ahead of
/// time, set <see cref="QueryCacheOptions.JsonTypeInfoResolver"/>.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class HashedQueryAttribute : Attribute;
