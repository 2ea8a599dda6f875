using Unstale.Predicates;
using Unstale.Values;

namespace Unstale.Log;

/// <summary>Targets of a record as changes of rows.</summary>
internal static class RowTargets
{
    /// <summary>Returns whether a change hits a predicate among the names of an entry. A predicate that cannot be read is hit.</summary>
    public static bool Hits(RowChange change, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!DependencyTag.IsPredicate(name))
                continue;
            if (PredicateNames.Parse(name) is not { } predicate)
                return true;
            if (string.Equals(predicate.Table, change.Table, StringComparison.Ordinal) && predicate.IsHitBy(change))
                return true;
        }

        return false;
    }

    /// <summary>
    /// Returns whether a tag of a record concerns a predicate among the names: the record reports a change of the table of this name, and nothing about
    /// its rows.
    /// </summary>
    public static bool Hits(in InvalidationTarget tag, ReadOnlySpan<InvalidationTarget> record, ReadOnlySpan<string> names) =>
        tag.Kind == TargetKind.Tag && !HasRowOf(record, tag.Text) && HasPredicateOn(names, tag.Text);

    /// <summary>Returns whether the names have a predicate on a table, or one that cannot be read.</summary>
    public static bool HasPredicateOn(ReadOnlySpan<string> names, string table)
    {
        foreach (var name in names)
        {
            if (DependencyTag.IsPredicate(name) && (PredicateNames.Parse(name) is not { } predicate || string.Equals(predicate.Table, table, StringComparison.Ordinal)))
                return true;
        }

        return false;
    }

    /// <summary>Returns whether a name is a predicate on one of the tables, or one that cannot be read.</summary>
    public static bool IsPredicateOn(string name, IReadOnlySet<string> tables) =>
        DependencyTag.IsPredicate(name) && (PredicateNames.Parse(name) is not { } predicate || tables.Contains(predicate.Table));

    /// <summary>Adds the changes of a table among the targets of a record: its rows, or a change of which nothing is known for its tag alone.</summary>
    public static void AddChanges(List<RowChange> changes, ReadOnlySpan<InvalidationTarget> record, string table)
    {
        foreach (ref readonly var target in record)
        {
            if (target.Change is { } change && string.Equals(change.Table, table, StringComparison.Ordinal))
                changes.Add(change);
            else if (target.Kind == TargetKind.Tag && string.Equals(target.Text, table, StringComparison.Ordinal) && !HasRowOf(record, table))
                changes.Add(RowChange.OfTable(table));
        }
    }

    /// <summary>Returns whether the targets of a record have a change of a table.</summary>
    public static bool HasRowOf(ReadOnlySpan<InvalidationTarget> record, string table)
    {
        foreach (ref readonly var target in record)
        {
            if (target.Change is { } change && string.Equals(change.Table, table, StringComparison.Ordinal))
                return true;
        }

        return false;
    }
}
