using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Changes of the current transaction of a context, raised after its commit.</summary>
internal static class CommittedChanges
{
    /// <summary>Adds a change that the database has executed. Without a transaction, the change is committed, and is raised at once.</summary>
    /// <exception cref="InvalidOperationException">The commit of the transaction cannot be observed.</exception>
    public static void Add(DbContext context, RowChange change) => RunningWrite.Wait(AddAsync(context, change));

    /// <inheritdoc cref="Add"/>
    public static ValueTask AddAsync(DbContext context, RowChange change) => RunningWrite.Begin(context).EndAsync(WithCascades(context, change));

    private static List<RowChange> WithCascades(DbContext context, RowChange change)
    {
        var changes = new List<RowChange> { change };
        if (change.Operation is not (RowOperation.Delete or RowOperation.BulkDelete or RowOperation.Any))
            return changes;
        foreach (var table in MappedTable.All(context))
        {
            if (string.Equals(table.Name, change.Table, StringComparison.Ordinal))
                changes.AddRange(Cascade.AllOf(table, context));
        }

        return changes;
    }
}
