using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Unstale.Queries;

/// <summary>Members and collections of types, read by reflection.</summary>
[RequiresUnreferencedCode(QueryHash.NeedsMembers)]
internal sealed class ReflectedTypes : ICanonicalTypes
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private readonly ConcurrentDictionary<Type, CanonicalMember[]> _members = new();
    private readonly ConcurrentDictionary<Type, CanonicalShape?> _shapes = new();

    public static ReflectedTypes Instance { get; } = new();

    /// <summary>
    /// Returns the fields of a type, sorted by name. Fields are used instead of properties because fields are the complete state: objects with
    /// equal fields are equal, and reading a field runs no code of the object.
    /// </summary>
    public IReadOnlyList<CanonicalMember> MembersOf(Type type, out string? refusal)
    {
        var members = _members.GetOrAdd(type, static t => [.. FieldsOf(t).OrderBy(static field => field.Name, StringComparer.Ordinal)]);
        refusal = members.Length == 0 && !HasField(type) ? $"'{type}' has no members, or its members were trimmed, so all its values would have the same hash" : null;
        return members;
    }

    public CanonicalShape? ShapeFor(Type type, Type declared, out string? refusal)
    {
        var shape = _shapes.GetOrAdd(type, static t => Find(t));
        refusal = shape is not null && !MayStandFor(type, declared) ? CanonicalShapes.OtherType(declared, type) : null;
        return refusal is null ? shape : null;
    }

    public IEnumerable<(object? Key, object? Value)> PairsOf(IEnumerable dictionary)
    {
        foreach (var pair in dictionary)
            yield return pair is DictionaryEntry entry ? (entry.Key, entry.Value) : Parts(pair, MembersOf(pair.GetType(), out _));
    }

    private static (object? Key, object? Value) Parts(object pair, IReadOnlyList<CanonicalMember> sorted) => (sorted[0].Read(pair), sorted[1].Read(pair));

    /// <summary>Returns whether a collection may be the value of a member declared as another type. Both must have the same element type.</summary>
    private static bool MayStandFor(Type type, Type declared) =>
        type == declared || (CanonicalShapes.IsCollection(declared) && declared.IsAssignableFrom(type) && ElementOf(type) == ElementOf(declared));

    private static CanonicalShape? Find(Type type)
    {
        if (!CanonicalShapes.IsPlainCollection(type) || Argument(type, typeof(IGrouping<,>)) is not null)
            return null;
        if ((Argument(type, typeof(IDictionary<,>)) ?? Argument(type, typeof(IReadOnlyDictionary<,>))) is [var key, var value])
            return new CanonicalShape(value, key, IsSet: false);
        if (typeof(IDictionary).IsAssignableFrom(type))
            return new CanonicalShape(typeof(object), typeof(object), IsSet: false);
        var isSet = Argument(type, typeof(ISet<>)) is not null || Argument(type, typeof(IReadOnlySet<>)) is not null;
        return new CanonicalShape(ElementOf(type), null, isSet);
    }

    private static Type ElementOf(Type type) => Argument(type, typeof(IEnumerable<>))?[0] ?? typeof(object);

    private static Type[]? Argument(Type type, Type shape) =>
        type.GetInterfaces().Prepend(type).FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == shape)?.GetGenericArguments();

    /// <summary>Returns whether the type has any field, including ignored fields.</summary>
    private static bool HasField(Type type) => LevelsOf(type).Any(static level => level.GetFields(Own).Length > 0);

    private static IEnumerable<CanonicalMember> FieldsOf(Type type)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var level in LevelsOf(type))
        {
            foreach (var field in level.GetFields(Own))
            {
                var name = MemberOf(field);
                var property = name == field.Name ? null : level.GetProperty(name, Own);
                if (!IsIgnored(field) && (property is null || !IsIgnored(property)))
                    yield return new CanonicalMember(names.Add(name) ? name : $"{level.Name}.{name}", field.FieldType, field.GetValue);
            }
        }
    }

    private static IEnumerable<Type> LevelsOf(Type type)
    {
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
            yield return level;
    }

    private static bool IsIgnored(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };

    /// <summary>Returns the text in the brackets of <c>&lt;Id&gt;k__BackingField</c> or of a captured parameter's <c>&lt;id&gt;P</c>.</summary>
    private static string MemberOf(FieldInfo field) =>
        field.IsDefined(typeof(CompilerGeneratedAttribute)) || field.Name.StartsWith('<')
            ? field.Name.IndexOf('>', StringComparison.Ordinal) is var end and > 1 ? field.Name[1..end] : field.Name
            : field.Name;
}
