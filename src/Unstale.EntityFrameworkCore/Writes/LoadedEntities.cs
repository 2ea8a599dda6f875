using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Update;

namespace Unstale.EntityFrameworkCore.Writes;

/// <summary>
/// Entities that a context has read by a query. Their original values were in the row when its version was read. The original values of an attached entity
/// are claims of the application.
/// </summary>
internal sealed class LoadedEntities
{
    private static readonly ConditionalWeakTable<DbContext, LoadedEntities> Known = [];
    private readonly ConditionalWeakTable<object, object> _loaded = [];

    /// <summary>Identity of the context and of its use. A pooled context begins without handlers.</summary>
    private DbContextId _lease;

    /// <summary>Notes the entities that the context reads from now on.</summary>
    public static void Follow(DbContext context)
    {
        var entities = Known.GetOrCreateValue(context);
        if (entities._lease == context.ContextId)
            return;
        entities._lease = context.ContextId;
        entities._loaded.Clear();
        if (!MappedTable.All(context).Any(static table => table.HasRowVersion))
            return;
        context.ChangeTracker.Tracked += entities.Tracked;
        context.ChangeTracker.StateChanged += entities.StateChanged;
    }

    public static bool Contains(IUpdateEntry entry)
    {
        var context = entry.Context;
        return Known.TryGetValue(context, out var entities) && entities._lease == context.ContextId && entities._loaded.TryGetValue(entry.ToEntityEntry().Entity, out _);
    }

    private void Tracked(object? sender, EntityTrackedEventArgs tracked)
    {
        if (tracked.FromQuery)
            _loaded.AddOrUpdate(tracked.Entry.Entity, this);
        else
            _loaded.Remove(tracked.Entry.Entity);
    }

    /// <summary>Forgets an entity whose current values became the original ones. After a save, the database may have altered them.</summary>
    private void StateChanged(object? sender, EntityStateChangedEventArgs changed)
    {
        if (changed is { OldState: EntityState.Modified or EntityState.Deleted, NewState: EntityState.Unchanged })
            _loaded.Remove(changed.Entry.Entity);
    }
}
