using Unstale.Log;
using Unstale.Predicates;

namespace Unstale.Invalidations;

/// <summary>Changed rows of one unit of work as one invalidation.</summary>
internal static class RowBatch
{
    /// <summary>Maximum number of changes of one table. Above it, one unknown change of the table replaces them.</summary>
    private const int MostOfTable = 500;

    /// <summary>Cause of rows reported by an integration. One object, because no rule counts them.</summary>
    private static readonly InvalidationCause Rows = new(rule: null);

    public static Invalidation ToInvalidation(IReadOnlyList<RowChange> changes, string? reason)
    {
        var counts = changes.Count > MostOfTable ? CountsOf(changes) : null;
        using var targets = InvalidationBuilder.Rent();
        for (var i = 0; i < changes.Count; i++)
        {
            if (counts?[changes[i].Table] > MostOfTable)
                targets.AddOnce(new(InvalidationTarget.ForRow(RowChange.OfTable(changes[i].Table)), Rows));
            else
                targets.Add(new(InvalidationTarget.ForRow(changes[i]), Rows));
        }

        return targets.ToInvalidation(reason);
    }

    private static Dictionary<string, int> CountsOf(IReadOnlyList<RowChange> changes)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < changes.Count; i++)
            counts[changes[i].Table] = counts.GetValueOrDefault(changes[i].Table) + 1;
        return counts;
    }
}
