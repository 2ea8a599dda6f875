using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;

namespace Unstale.Queries;

/// <summary>One field of an object's state.</summary>
/// <param name="Name">Name of the field, or of the property if the field backs one.</param>
/// <param name="Field">Reflected field that holds the value.</param>
internal sealed record CanonicalField(string Name, FieldInfo Field)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    private static readonly ConcurrentDictionary<Type, CanonicalField[]> Types = new();

    /// <summary>
    /// Returns the fields of a type, sorted by name. Fields are used instead of properties because fields are the complete state: objects with
    /// equal fields are equal, and reading a field runs no code of the object.
    /// </summary>
    public static CanonicalField[] Of(Type type) => Types.GetOrAdd(type, static t => [.. FieldsOf(t).OrderBy(field => field.Name, StringComparer.Ordinal)]);

    /// <summary>Returns whether the type has any field, including ignored fields.</summary>
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

    /// <summary>Returns the text in the brackets of <c>&lt;Id&gt;k__BackingField</c> or of a captured parameter's <c>&lt;id&gt;P</c>.</summary>
    private static string Member(FieldInfo field) =>
        field.IsDefined(typeof(CompilerGeneratedAttribute)) || field.Name.StartsWith('<')
            ? field.Name.IndexOf('>', StringComparison.Ordinal) is var end and > 1 ? field.Name[1..end] : field.Name
            : field.Name;
}
