namespace Unstale.Queries;

/// <summary>Knows what events make untrue.</summary>
public interface IInvalidationStrategy
{
    /// <summary>Whether events of this type make anything untrue.</summary>
    bool Handles(Type eventType);

    /// <summary>Raises what the event makes untrue. When it returns, it is in force on this node.</summary>
    /// <param name="domainEvent">The event. One that nobody has a rule for does nothing.</param>
    /// <param name="cancellationToken">Ends the waiting, not the invalidation.</param>
    /// <returns>A receipt for each record; none if nothing was raised.</returns>
    ValueTask<IReadOnlyList<InvalidationReceipt>> InvalidateAsync(object domainEvent, CancellationToken cancellationToken = default);
}
