using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>
/// Short names of types: without the namespace, nested types after the outer type and a dot, generic arguments in angle brackets. A name
/// contains no key separators and no wildcards.
/// </summary>
internal static class TypeNames
{
    private static readonly SearchValues<char> Special = SearchValues.Create(@":*?[]\");
    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<Type, string> Queries = new();

    public static string NameOf(Type type) => Names.GetOrAdd(type, static t => Name(t, isQuery: false));

    /// <summary>Returns the name of a query in keys: the name set by the query, or else <see cref="NameOf"/>.</summary>
    /// <exception cref="InvalidOperationException">The type has a compiler-generated name, or the name set by the query is not allowed in a key.</exception>
    public static string OfQuery(Type type) => Queries.GetOrAdd(type, static t => Name(t, isQuery: true));

    /// <summary>Returns the name of a query type that can have results. Interfaces and abstract types are never the runtime type of a query.</summary>
    /// <exception cref="InvalidOperationException">No query can be of this type, or the type has no name that is allowed in a key.</exception>
    public static string OfConcreteQuery(Type type) => type.IsAbstract ? throw Errors.QueryIsAbstract(type) : OfQuery(type);

    private static bool MayStandInKey(string name) => name.Length > 0 && !name.AsSpan().ContainsAny(Special);

    private static string Name(Type type, bool isQuery)
    {
        if (type.IsArray)
        {
            var rank = type.GetArrayRank();
            var word = rank == 1 ? "Array" : string.Create(CultureInfo.InvariantCulture, $"Array{rank}");
            return $"{word}<{Name(type.GetElementType()!, isQuery)}>";
        }

        var name = isQuery && type.GetCustomAttribute<QueryNameAttribute>(inherit: false) is { Name: var given } ? Checked(type, given) : Plain(type, isQuery);
        return type.IsGenericType ? $"{name}<{string.Join(',', type.GetGenericArguments().Select(argument => Name(argument, isQuery)))}>" : name;
    }

    private static string Plain(Type type, bool isQuery)
    {
        // Compiler-generated names change with every build.
        if (isQuery && type.Name.Contains('<', StringComparison.Ordinal))
            throw Errors.QueryWithoutName(type);
        var own = type.Name.IndexOf('`', StringComparison.Ordinal) is var at and >= 0 ? type.Name[..at] : type.Name;
        return type is { IsNested: true, IsGenericParameter: false, DeclaringType: { } outer } ? $"{Plain(outer, isQuery)}.{own}" : own;
    }

    private static string Checked(Type type, string name) =>
        name is not null && MayStandInKey(name) ? name : throw Errors.QueryNameRefused(type, name);
}
