using Microsoft.CodeAnalysis;

namespace Unstale.Analyzers.Sharing;

/// <summary>Members through which a caller can change an object that other callers share.</summary>
internal sealed class MutableMembers(KnownTypes types)
{
    private static readonly HashSet<string> Collections = new(StringComparer.Ordinal)
    {
        "List", "Dictionary", "HashSet", "SortedSet", "SortedList", "SortedDictionary", "LinkedList", "Queue", "Stack", "PriorityQueue", "OrderedDictionary",
        "IList", "ICollection", "IDictionary", "ISet", "Collection", "ObservableCollection", "ConcurrentDictionary", "ConcurrentQueue", "ConcurrentStack",
        "ConcurrentBag", "ArrayList", "Hashtable", "StringBuilder", "BitArray",
    };

    /// <summary>Returns the descriptions of all such members, in the order of their declaration. Empty if the type is not shared, or cannot change.</summary>
    public IReadOnlyList<string> Of(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        return IsShared(type) ? [.. Describe((INamedTypeSymbol)type, new(SymbolEqualityComparer.Default))] : [];
    }

    /// <summary>
    /// The rule of the engine (<c>ValueCodec</c>): a sealed type with its own attribute. Strings and structs without references are shared too, but
    /// nothing in them can change for other callers.
    /// </summary>
    public bool IsShared(ITypeSymbol type) =>
        type is INamedTypeSymbol { IsSealed: true } && type.GetAttributes().Any(one =>
            SymbolEqualityComparer.Default.Equals(one.AttributeClass, types.ImmutableObject) && one.ConstructorArguments.Length == 1 && one.ConstructorArguments[0].Value is true);

    /// <summary>Setter that a caller can use after the construction. Null if there is none. A caller of a struct changes a copy only.</summary>
    public static IMethodSymbol? SetterOf(ISymbol member) =>
        member is IPropertySymbol { IsStatic: false, ContainingType.IsValueType: false, SetMethod: { IsInitOnly: false } setter } && IsVisible(setter) ? setter : null;

    private static IEnumerable<string> Describe(INamedTypeSymbol type, HashSet<ISymbol> visited)
    {
        if (!visited.Add(type))
            yield break;
        for (var current = type; current is not null && current.SpecialType == SpecialType.None; current = current.BaseType)
        {
            foreach (var member in current.GetMembers().Where(static one => !one.IsStatic && IsVisible(one)))
            {
                if (Describe(member, visited) is { } description)
                    yield return description;
            }
        }
    }

    private static string? Describe(ISymbol member, HashSet<ISymbol> visited) => member switch
    {
        IPropertySymbol property when SetterOf(property) is not null => $"'{property.Name}' has a setter",
        IFieldSymbol { IsReadOnly: false, IsConst: false, ContainingType.IsValueType: false } field => $"the field '{field.Name}' is not readonly",
        IPropertySymbol { IsIndexer: false } property => DescribeContent(property.Name, property.Type, visited),
        IFieldSymbol field => DescribeContent(field.Name, field.Type, visited),
        _ => null,
    };

    private static string? DescribeContent(string name, ITypeSymbol type, HashSet<ISymbol> visited)
    {
        if (type is IArrayTypeSymbol || (Collections.Contains(type.Name) && IsOfSystem(type)))
            return $"'{name}' is {Article(type)}";
        // A type of a library is judged by its name alone: a setter there is rarely part of the value.
        if (type is INamedTypeSymbol { IsReferenceType: true, TypeKind: TypeKind.Class } named && named.Locations.Any(static one => one.IsInSource)
            && Describe(named, visited).FirstOrDefault() is { } inner)
            return $"'{name}' is a '{type.Name}', where {inner}";
        return null;
    }

    private static string Article(ITypeSymbol type) => type is IArrayTypeSymbol ? "an array" : $"a mutable '{type.Name}'";

    private static bool IsOfSystem(ITypeSymbol type) => type.ContainingNamespace.ToDisplayString().StartsWith("System", StringComparison.Ordinal);

    private static bool IsVisible(ISymbol member) =>
        member.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;
}
