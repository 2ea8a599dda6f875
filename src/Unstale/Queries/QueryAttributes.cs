using System.Diagnostics.CodeAnalysis;

namespace Unstale.Queries;

/// <summary>
/// Gives a query another name in its keys. Needed where two queries have the same name in different namespaces, and for types that only
/// the compiler has named.
/// </summary>
/// <param name="name">The name: not empty, without <c>:</c>, <c>*</c>, <c>?</c>, <c>[</c>, <c>]</c> and <c>\</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class QueryNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Keeps the results of a query that gives no key: its key is a hash of everything that it holds, see <see cref="QueryHash"/>. Every
/// query is treated so with <see cref="QueryCacheOptions.CacheAllQueries"/>.
/// </summary>
/// <remarks>A query without members is refused: give it a key by <see cref="ICacheableQuery"/>. So is every query in an application that is compiled ahead of time.</remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
[method: RequiresUnreferencedCode(QueryHash.NeedsMembers)]
public sealed class HashedQueryAttribute() : Attribute;
