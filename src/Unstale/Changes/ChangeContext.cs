using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Unstale.Boundary;

namespace Unstale;

/// <summary>Copies the context of a change, so that a change does not alter when the caller's dictionary or its lists do.</summary>
internal static class ChangeContext
{
    /// <summary>
    /// Copies a context and the arrays and lists in it. A list, or a context, that throws when it is read is held as it is: rules read it
    /// again, and a value that throws counts as missing there.
    /// </summary>
    public static IReadOnlyDictionary<string, object?> Copy(IReadOnlyDictionary<string, object?> context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return UserCode.Call(CallOut.Value, context, CopyAll, out var copy) is null ? copy : context;
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

    /// <summary>Copies a list with elements of the same type where that is known; a condition reads it as before.</summary>
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
