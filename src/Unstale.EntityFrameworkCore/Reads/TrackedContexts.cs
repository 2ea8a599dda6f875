using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Unstale.Loading;

namespace Unstale.EntityFrameworkCore.Reads;

/// <summary>
/// Contexts whose tracked entities were all read by one load. A context returns a tracked entity in place of the row that a query reads, and an entity
/// tracked before the load may be older than the load.
/// </summary>
internal static class TrackedContexts
{
    private static readonly ConditionalWeakTable<DbContext, WeakReference<Load>> Owners = [];

    /// <summary>Returns whether a context tracks nothing that was read before the load. Called before each tracking query of the load.</summary>
    public static bool IsOfLoad(DbContext context, Load load)
    {
        if (Owners.TryGetValue(context, out var owner) && owner.TryGetTarget(out var known) && known == load)
            return true;
        if (HasEntities(context))
            return false;
        Owners.AddOrUpdate(context, new WeakReference<Load>(load));
        return true;
    }

    private static bool HasEntities(DbContext context)
    {
        var tracker = context.ChangeTracker;
        var detects = tracker.AutoDetectChangesEnabled;
        tracker.AutoDetectChangesEnabled = false; // otherwise the look at the entries would search all of them for changes
        try
        {
            return tracker.Entries().Any();
        }
        finally
        {
            tracker.AutoDetectChangesEnabled = detects;
        }
    }
}
