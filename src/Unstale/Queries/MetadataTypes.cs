using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Unstale.Values;

namespace Unstale.Queries;

/// <summary>
/// Members and collections of types, read from JSON metadata without reflection. The names and values are those of <see cref="ReflectedTypes"/>: a type whose
/// metadata differs from the state is refused.
/// </summary>
internal sealed class MetadataTypes : ICanonicalTypes
{
    private static readonly ConditionalWeakTable<IJsonTypeInfoResolver, MetadataTypes> Known = [];

    private static readonly FrozenSet<Type> Sets = FrozenSet.Create(
        typeof(HashSet<>), typeof(SortedSet<>), typeof(ReadOnlySet<>), typeof(FrozenSet<>),
        typeof(ImmutableHashSet<>), typeof(ImmutableHashSet<>.Builder), typeof(ImmutableSortedSet<>), typeof(ImmutableSortedSet<>.Builder));

    private readonly ConcurrentDictionary<Type, (CanonicalMember[] Members, string? Refusal)> _members = new();
    private readonly JsonSerializerOptions _options;
    private readonly bool _isReflectionWhole;

    /// <param name="resolver">Metadata of the application.</param>
    /// <param name="isReflectionWhole">Whether members that are missing in the metadata can be found.</param>
    internal MetadataTypes(IJsonTypeInfoResolver resolver, bool isReflectionWhole)
    {
        // Options without a naming policy, so that names and the hash do not depend on those of the application.
        _options = new JsonSerializerOptions { TypeInfoResolver = resolver, IncludeFields = true };
        _options.MakeReadOnly();
        _isReflectionWhole = isReflectionWhole;
    }

    public static MetadataTypes Of(IJsonTypeInfoResolver resolver) => Known.GetValue(resolver, static r => new MetadataTypes(r, WholeReflection.IsAvailable));

    public IReadOnlyList<CanonicalMember> MembersOf(Type type, out string? refusal)
    {
        var (members, why) = _members.GetOrAdd(type, static (t, own) => own.Read(t), this);
        refusal = why;
        return members;
    }

    public CanonicalShape? ShapeFor(Type type, Type declared, out string? refusal)
    {
        refusal = null;
        if (!CanonicalShapes.IsPlainCollection(type) || type is { Namespace: "System.Linq", Name: "Grouping`2" })
            return null;
        if (!CanonicalShapes.IsCollection(declared) || !declared.IsAssignableFrom(type))
            refusal = CanonicalShapes.OtherType(declared, type);
        else if (!TryFind(declared, out var found, out refusal))
            return null;
        else if (found is not { Kind: JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary, ElementType: { } element })
            refusal = $"the JSON metadata of '{declared}' does not describe a collection";
        else if (found.KeyType is not null && !typeof(IDictionary).IsAssignableFrom(type))
            refusal = $"the entries of a '{type}' cannot be read without reflection";
        else
            return new CanonicalShape(element, found.KeyType, found.KeyType is null && IsSet(type));
        return null;
    }

    public IEnumerable<(object? Key, object? Value)> PairsOf(IEnumerable dictionary)
    {
        foreach (DictionaryEntry entry in (IDictionary)dictionary)
            yield return (entry.Key, entry.Value);
    }

    private static bool IsSet(Type type)
    {
        for (var level = type; level is not null; level = level.BaseType)
        {
            if (level.IsGenericType && Sets.Contains(level.GetGenericTypeDefinition()))
                return true;
        }

        return false;
    }

    private bool TryFind(Type type, [NotNullWhen(true)] out JsonTypeInfo? found, out string? refusal)
    {
        try
        {
            refusal = _options.TryGetTypeInfo(type, out found) ? null : Errors.NoMetadataOf(type);
            return found is not null;
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException)
        {
            (found, refusal) = (null, $"the JSON metadata of '{type}' cannot be used: {e.Message}");
            return false;
        }
    }

    private (CanonicalMember[] Members, string? Refusal) Read(Type type)
    {
        if (CanonicalShapes.IsPartOfFramework(type))
            return ([], CanonicalShapes.NotPlain(type));
        if (!TryFind(type, out var found, out var refusal))
            return ([], refusal);
        var members = new List<CanonicalMember>();
        foreach (var property in found.Properties)
        {
            if (property.Get is not { } get)
                continue; // ignored
            var name = (property.AttributeProvider as MemberInfo)?.Name ?? property.Name;
            if (property is { Set: null, AssociatedParameter: null })
                return ([], Errors.NotRestored(name));
            members.Add(new CanonicalMember(name, property.PropertyType, get));
        }

        members.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        return ([.. members], WhyIncomplete(found, members));
    }

    /// <summary>Returns the reason why the metadata is not the whole state of a type; null if no state is known to be missing.</summary>
    private string? WhyIncomplete(JsonTypeInfo found, List<CanonicalMember> members)
    {
        if (found.Kind != JsonTypeInfoKind.Object)
            return $"'{found.Type}' has a JSON converter of its own, so its metadata has no members";
        if (members.Count == 0)
            return $"the JSON metadata of '{found.Type}' has no members, so all its values would have the same hash";
        if (found.ConstructorAttributeProvider is MethodBase constructor
            && constructor.GetParameters().Length != found.Properties.Count(static property => property.AssociatedParameter is { IsMemberInitializer: false }))
            return $"a parameter of the constructor of '{found.Type}' has no property of the same name, so its value may be missing in the JSON metadata";
        if (!_isReflectionWhole || !WholeReflection.IsAvailable)
            return null;
        var state = ReflectedTypes.Instance.MembersOf(found.Type, out _).Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
        return members.Find(member => !state.Remove(member.Name)) is { Name: var computed } ? Errors.NotRestored(computed)
            : state.Count > 0 ? Errors.HiddenState(state.Order(StringComparer.Ordinal).First())
            : null;
    }
}
