namespace Unstale.Queries;

/// <summary>Maps events to invalidations.</summary>
public interface IInvalidationStrategy
{
    /// <summary>Returns whether events of this type invalidate anything.</summary>
    bool Handles(Type eventType);

    /// <summary>Invalidates all entries made stale by the event. On return, the invalidation is in force on this node.</summary>
    /// <param name="domainEvent">Event to handle. An event without a rule has no effect.</param>
    /// <param name="cancellationToken">Cancels the wait. The invalidation is not cancelled.</param>
    /// <returns>One receipt for each record; empty if nothing was invalidated.</returns>
    ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default);
}
