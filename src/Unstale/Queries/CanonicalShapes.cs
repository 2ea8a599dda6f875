using System.Collections;
using System.Collections.Concurrent;

namespace Unstale.Queries;

/// <summary>How a collection is written.</summary>
/// <param name="Element">The declared type of its elements, or of a dictionary's values.</param>
/// <param name="Key">The declared type of a dictionary's keys; else null.</param>
/// <param name="IsSet">Whether the order of its elements means nothing.</param>
internal sealed record CanonicalShape(Type Element, Type? Key, bool IsSet);

/// <summary>Which types are collections, and which cannot be written at all.</summary>
internal static class CanonicalShapes
{
    private static readonly ConcurrentDictionary<Type, CanonicalShape?> Shapes = new();

    /// <summary>The shape of a collection of the framework; null for anything else.</summary>
    public static CanonicalShape? Of(Type type) => Shapes.GetOrAdd(type, static t => Find(t));

    /// <summary>Whether a collection may stand where another type is declared: it holds elements of the type that is declared for them.</summary>
    public static bool MayStandFor(Type type, Type declared) =>
        type == declared || (IsCollection(declared) && declared.IsAssignableFrom(type) && ElementOf(type) == ElementOf(declared));

    private static bool IsCollection(Type type) => type != typeof(object) && typeof(IEnumerable).IsAssignableFrom(type);

    private static Type ElementOf(Type type) => Argument(type, typeof(IEnumerable<>))?[0] ?? typeof(object);

    /// <summary>Why a type that is no collection of the framework cannot be written; null if it can.</summary>
    public static string? WhyRefused(Type type) => type switch
    {
        _ when typeof(Delegate).IsAssignableFrom(type) || type.IsPointer || type.IsByRefLike => $"'{type}' is code, not data",
        _ when typeof(IEnumerable).IsAssignableFrom(type) => $"'{type}' is a collection that may hold more than its elements",
        _ when !type.IsValueType && IsOfFramework(type) && !typeof(System.Runtime.CompilerServices.ITuple).IsAssignableFrom(type) =>
            $"'{type}' is no plain data",
        _ => null,
    };

    /// <summary>The key and the value of a dictionary's entry.</summary>
    public static (object? Key, object? Value) Parts(object pair)
    {
        if (pair is DictionaryEntry entry)
            return (entry.Key, entry.Value);
        var fields = CanonicalField.Of(pair.GetType()); // key, value: sorted
        return (fields[0].Field.GetValue(pair), fields[1].Field.GetValue(pair));
    }

    private static CanonicalShape? Find(Type type)
    {
        if (type == typeof(string) || type == typeof(byte[]) || !IsCollection(type) || !IsOfFramework(type) || Argument(type, typeof(IGrouping<,>)) is not null)
            return null;
        if ((Argument(type, typeof(IDictionary<,>)) ?? Argument(type, typeof(IReadOnlyDictionary<,>))) is [var key, var value])
            return new CanonicalShape(value, key, IsSet: false);
        if (typeof(IDictionary).IsAssignableFrom(type))
            return new CanonicalShape(typeof(object), typeof(object), IsSet: false);
        var isSet = Argument(type, typeof(ISet<>)) is not null || Argument(type, typeof(IReadOnlySet<>)) is not null;
        return new CanonicalShape(ElementOf(type), null, isSet);
    }

    private static Type[]? Argument(Type type, Type shape) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == shape)?.GetGenericArguments();

    /// <summary>Also what the compiler makes of <c>[1, 2]</c> where a read-only interface is declared.</summary>
    private static bool IsOfFramework(Type type) =>
        type.IsArray
        || type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal)
        || (type.Namespace is { } name
            && (name == "System" || name.StartsWith("System.", StringComparison.Ordinal) || name.StartsWith("Microsoft.FSharp.", StringComparison.Ordinal)));
}
