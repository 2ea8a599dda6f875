namespace Unstale.Queries;

/// <summary>Domain events within this process, for applications without an event bus. The cache's own rules are already subscribed.</summary>
public interface IDomainEvents
{
    /// <summary>Subscribes to events of a type, of derived types and of implementing types.</summary>
    /// <param name="handler">
    /// Called for each event, concurrently if several publishers publish at once. The handler may publish and subscribe; a subscription made by
    /// the handler receives only events published afterwards.
    /// </param>
    /// <returns>Subscription. After disposal the handler is not called again, but may still be running.</returns>
    IDisposable Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handler);

    /// <summary>Subscribes to all events.</summary>
    /// <param name="handler">Called for each event.</param>
    /// <param name="onLost">Called when events of <see cref="Publish"/> were not handled. The number and content of these events are unknown.</param>
    /// <returns>Subscription that ends on disposal.</returns>
    IDisposable SubscribeAll(Func<object, CancellationToken, ValueTask> handler, Func<CancellationToken, ValueTask>? onLost = null);

    /// <summary>
    /// Passes an event to all subscribers, one after the other, and returns when the handlers have completed. The resulting invalidations are then
    /// in force on this node. Does not wait for events of <see cref="Publish"/>.
    /// </summary>
    /// <param name="domainEvent">Event to publish.</param>
    /// <param name="cancellationToken">Passed to the handlers.</param>
    /// <exception cref="AggregateException">One or more handlers threw. All other handlers have run.</exception>
    ValueTask PublishAsync(object domainEvent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Enqueues an event and returns immediately. Handlers run in the background, one event at a time, in the order of the calls. Stale entries are
    /// served until the handlers have run. Exceptions of handlers are counted and logged. Events beyond
    /// <see cref="DomainEventOptions.QueueCapacity"/> are lost: the loss is counted and logged, and all cached queries are invalidated.
    /// </summary>
    /// <param name="domainEvent">Event to publish.</param>
    /// <exception cref="ObjectDisposedException">The services were disposed.</exception>
    void Publish(object domainEvent);

    /// <summary>Waits until all earlier events of <see cref="Publish"/> are handled. A handler of such an event must not wait here: it would wait for itself.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task DrainAsync(CancellationToken cancellationToken = default);
}

/// <summary>Options for domain events handled in the background. Validated when the host starts.</summary>
public sealed class DomainEventOptions
{
    /// <summary>Maximum number of waiting events, 1 to 10,000,000. Default: 65,536.</summary>
    public int QueueCapacity { get; set; } = 65_536;

    /// <summary>Maximum time to wait for the handlers when the process ends, at most 1 hour. Default: 5 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
