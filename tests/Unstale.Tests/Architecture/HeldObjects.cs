using System.Reflection;

namespace Unstale.Tests.Architecture;

/// <summary>Searches object graphs field by field.</summary>
internal static class HeldObjects
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Finds the path of fields from the roots to an object.</summary>
    /// <returns>Names of the types and fields on the path, or null if the object is not reachable.</returns>
    public static string? WayTo(object wanted, params IEnumerable<object?> roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Queue<(object Object, string Way)>();
        foreach (var root in roots)
            Visit(root, root?.GetType().Name ?? "");
        while (open.TryDequeue(out var next))
        {
            if (ReferenceEquals(next.Object, wanted))
                return next.Way;
            foreach (var (name, held) in HeldBy(next.Object))
                Visit(held, $"{next.Way}.{name}");
        }

        return null;

        void Visit(object? held, string way)
        {
            if (held is not null and not (string or Type or MemberInfo or Pointer or Assembly or Module or Thread) && seen.Add(held))
                open.Enqueue((held, way));
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

        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Own))
            {
                if (!field.FieldType.IsPrimitive && !field.FieldType.IsPointer && !field.FieldType.IsByRefLike && !field.FieldType.IsEnum)
                    yield return (field.Name, field.GetValue(holder));
            }
        }
    }
}
