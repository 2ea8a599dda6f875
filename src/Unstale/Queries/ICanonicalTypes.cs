using System.Collections;

namespace Unstale.Queries;

/// <summary>One member of an object's state.</summary>
/// <param name="Name">Name of the field or property in the source code.</param>
/// <param name="Declared">Declared type.</param>
/// <param name="Read">Function that reads the value from an object.</param>
internal sealed record CanonicalMember(string Name, Type Declared, Func<object, object?> Read);

/// <summary>Members of the types in a query, and the types that are collections.</summary>
internal interface ICanonicalTypes
{
    /// <summary>Returns the members of a type, sorted by name.</summary>
    /// <param name="type">Type of an object.</param>
    /// <param name="refusal">Reason why no object of the type can be written; null if objects can be written.</param>
    IReadOnlyList<CanonicalMember> MembersOf(Type type, out string? refusal);

    /// <summary>Returns the shape of a framework collection; null for any other type.</summary>
    /// <param name="type">Type of a value.</param>
    /// <param name="declared">Declared type of the member that holds the value.</param>
    /// <param name="refusal">Reason why the collection cannot be the value of the member; null if the collection can be written.</param>
    CanonicalShape? ShapeFor(Type type, Type declared, out string? refusal);

    /// <summary>Returns the keys and values of a dictionary.</summary>
    /// <param name="dictionary">Collection whose shape has a key.</param>
    IEnumerable<(object? Key, object? Value)> PairsOf(IEnumerable dictionary);
}
