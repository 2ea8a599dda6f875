using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Unstale.Queries;

/// <summary>One piece of an object's state.</summary>
/// <param name="Name">Its name: the property's, where it stands behind one.</param>
/// <param name="Field">Where it is kept.</param>
internal sealed record CanonicalField(string Name, FieldInfo Field)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, CanonicalField[]> Types = new();

    /// <summary>
    /// All fields of a type, sorted by name. Fields, not properties: they are the whole state, so that two objects with equal ones are equal,
    /// and no code of the object runs.
    /// </summary>
    public static CanonicalField[] Of(Type type) => Types.GetOrAdd(type, static t => [.. FieldsOf(t).OrderBy(field => field.Name, StringComparer.Ordinal)]);

    /// <summary>True if the type has a field, left out or not.</summary>
    public static bool HasAny(Type type)
    {
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            if (level.GetFields(Own).Length > 0)
                return true;
        }

        return false;
    }

    private static IEnumerable<CanonicalField> FieldsOf(Type type)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Own))
            {
                var name = Member(field);
                var property = name == field.Name ? null : level.GetProperty(name, Own);
                if (IsIgnored(field) || (property is not null && IsIgnored(property)))
                    continue;
                yield return new CanonicalField(names.Add(name) ? name : $"{level.Name}.{name}", field);
            }
        }
    }

    private static bool IsIgnored(MemberInfo member) =>
        member.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: JsonIgnoreCondition.Always };

    /// <summary>Of <c>&lt;Id&gt;k__BackingField</c> and of a captured parameter's <c>&lt;id&gt;P</c> what stands in the brackets.</summary>
    private static string Member(FieldInfo field) =>
        field.IsDefined(typeof(CompilerGeneratedAttribute)) || field.Name.StartsWith('<')
            ? field.Name.IndexOf('>', StringComparison.Ordinal) is var end and > 1 ? field.Name[1..end] : field.Name
            : field.Name;
}
