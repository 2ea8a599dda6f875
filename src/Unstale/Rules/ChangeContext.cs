using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Unstale.Boundary;

namespace Unstale.Rules;

/// <summary>Copies the context of a change, so that later modifications of the caller's dictionary or lists do not affect the change.</summary>
internal static class ChangeContext
{
    /// <summary>Name in the context for the names of the changed fields.</summary>
    private const string FieldsChanged = "fields_changed";

    /// <summary>
    /// Copies a context with its arrays and lists. A list or context that throws when read is stored as a reference: rules read it again, and treat
    /// throwing values as missing.
    /// </summary>
    public static IReadOnlyDictionary<string, object?> Copy(IReadOnlyDictionary<string, object?> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return UserCode.Call(CallOut.Value, context, CopyAll, out var copy) is null ? copy : context;
    }

    /// <summary>
    /// Returns the changed fields: those of the change, otherwise the texts of <c>fields_changed</c> in the context. Empty if unknown, which includes a
    /// list that contains anything but texts, or that throws.
    /// </summary>
    public static IReadOnlyList<string> FieldsOf(Change change)
    {
        if (change.Fields.Count > 0 || change.Context.Count == 0)
            return change.Fields;
        return UserCode.Call(CallOut.Value, change.Context, FieldsIn, out var fields) is null ? fields : [];
    }

    private static IReadOnlyList<string> FieldsIn(IReadOnlyDictionary<string, object?> context)
    {
        if (!context.TryGetValue(FieldsChanged, out var value) || value is string || value is not IEnumerable many)
            return [];
        var fields = new List<string>();
        foreach (var field in many)
        {
            if (field is not string text)
                return [];
            fields.Add(text);
        }

        return fields;
    }

    private static IReadOnlyDictionary<string, object?> CopyAll(IReadOnlyDictionary<string, object?> context)
    {
        if (context.Count == 0)
            return ReadOnlyDictionary<string, object?>.Empty;
        var copy = new Dictionary<string, object?>(context.Count, ComparerOf(context));
        foreach (var (name, value) in context)
            copy[name] = UserCode.Call(CallOut.Value, value, CopyOf, out var copied) is null ? copied : value;
        return copy;
    }

    private static IEqualityComparer<string> ComparerOf(IReadOnlyDictionary<string, object?> context) => context switch
    {
        Dictionary<string, object?> plain => plain.Comparer,
        ConcurrentDictionary<string, object?> concurrent => concurrent.Comparer,
        FrozenDictionary<string, object?> frozen => frozen.Comparer,
        ImmutableDictionary<string, object?> immutable => immutable.KeyComparer,
        _ => StringComparer.Ordinal,
    };

    /// <summary>Copies a list, with elements of the same type for common types. Conditions can read the copy like the original.</summary>
    private static object? CopyOf(object? value) => value switch
    {
        null or string => value,
        Array array => array.Clone(),
        IEnumerable<string> texts => texts.ToArray(),
        IEnumerable<int> numbers => numbers.ToArray(),
        IEnumerable<long> numbers => numbers.ToArray(),
        IEnumerable<Guid> ids => ids.ToArray(),
        IEnumerable<KeyValuePair<string, object?>> or IDictionary => value,
        IEnumerable many => many.Cast<object?>().ToArray(),
        _ => value,
    };
}
