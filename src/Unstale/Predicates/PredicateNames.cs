using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>Recently read predicates by name, so that a name compared with many changes is read once. If two names share a slot, the later one replaces the earlier one.</summary>
internal static class PredicateNames
{
    private const int Places = 1_024;
    private static readonly RowPredicate?[] Known = new RowPredicate?[Places];

    /// <summary>Reads the name of a predicate. Returns null for any other name.</summary>
    public static RowPredicate? Parse(string name)
    {
        if (!DependencyTag.IsPredicate(name))
            return null;
        ref var place = ref Known[KeyHash.Compute(name) % Places];
        if (Volatile.Read(ref place) is { } known && string.Equals(known.Name, name, StringComparison.Ordinal))
            return known;
        var read = RowText.ParsePredicate(name);
        if (read is not null)
            Volatile.Write(ref place, read);
        return read;
    }
}
