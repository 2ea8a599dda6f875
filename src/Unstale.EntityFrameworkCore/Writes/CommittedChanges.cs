using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>Changes of the current transaction of a context, raised after its commit.</summary>
internal static class CommittedChanges
{
    /// <summary>Adds a change that the database has executed. Without a transaction, the change is committed, and is raised at once.</summary>
    public static void Add(DbContext context, RowChange change)
    {
    }
}
