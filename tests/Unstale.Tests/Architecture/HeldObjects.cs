using System.Collections.Concurrent;
using System.Reflection;

namespace Unstale.Tests.Architecture;

/// <summary>Searches object graphs field by field.</summary>
internal static class HeldObjects
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>Finds the path of fields from the roots to an object.</summary>
    /// <returns>Names of the types and fields on the path, or null if the object is not reachable.</returns>
    public static string? WayTo(object wanted, params IEnumerable<object?> roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Queue<Step>();
        foreach (var root in roots)
            Visit(root, null, root?.GetType().Name ?? "");
        while (open.TryDequeue(out var next))
        {
            if (ReferenceEquals(next.Object, wanted))
                return next.Way;
            foreach (var (name, held) in HeldBy(next.Object))
                Visit(held, next, name);
        }

        return null;

        void Visit(object? held, Step? holder, string name)
        {
            if (held is not null and not (string or Type or MemberInfo or Pointer or Assembly or Module or Thread) && seen.Add(held))
                open.Enqueue(new(held, holder, name));
        }
    }

    private static IEnumerable<(string Name, object? Held)> HeldBy(object holder)
    {
        var type = holder.GetType();
        if (holder is Array array)
        {
            if (type.GetElementType() is { IsPrimitive: true })
                yield break;
            foreach (var element in array)
                yield return ("[]", element);
            yield break;
        }

        foreach (var field in Fields.GetOrAdd(type, static type => [.. FieldsOf(type)]))
            yield return (field.Name, field.GetValue(holder));
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Own))
            {
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && !field.FieldType.IsByRefLike && !field.FieldType.IsEnum)
                    yield return field;
            }
        }
    }

    /// <summary>An object found, and the step to its holder. A path is written for the object searched for only: most steps are on no such path.</summary>
    private sealed record Step(object Object, Step? Holder, string Name)
    {
        public string Way => Holder is null ? Name : $"{Holder.Way}.{Name}";
    }
}
