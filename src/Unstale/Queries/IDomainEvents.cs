namespace Unstale.Queries;

/// <summary>Domain events within this process, for applications that have no bus of their own. What the cache knows of them is subscribed already.</summary>
public interface IDomainEvents
{
    /// <summary>Hears events of a type, of types derived from it, or that implement it.</summary>
    /// <param name="handler">
    /// Called for each event, by several publishers at once if they publish at once. It may publish and subscribe; what it subscribes hears
    /// events published after that.
    /// </param>
    /// <returns>Ends it when disposed: the handler is not called any more, but may still be running.</returns>
    IDisposable Subscribe<TEvent>(Func<TEvent, CancellationToken, ValueTask> handler);

    /// <summary>Hears all events.</summary>
    /// <param name="handler">Called for each event.</param>
    /// <param name="onLost">Called when events of <see cref="Publish"/> were not handled, whose number and content are not known.</param>
    /// <returns>Ends it when disposed.</returns>
    IDisposable SubscribeAll(Func<object, CancellationToken, ValueTask> handler, Func<CancellationToken, ValueTask>? onLost = null);

    /// <summary>
    /// Hands an event to all who hear it, one after the other, and returns when they are done: what it makes untrue is in force here then.
    /// It does not wait for events of <see cref="Publish"/>.
    /// </summary>
    /// <param name="domainEvent">The event.</param>
    /// <param name="cancellationToken">Given to the handlers.</param>
    /// <exception cref="AggregateException">What handlers threw; the others ran all the same.</exception>
    ValueTask PublishAsync(object domainEvent, CancellationToken cancellationToken = default);

    /// <summary>
    /// Hands an event on and returns at once: handlers run behind, one event at a time, in the order of the calls. What it makes untrue is
    /// served until they have run. Handlers that throw are counted and logged. Beyond <see cref="DomainEventOptions.QueueCapacity"/>
    /// events are lost: counted, logged, and all cached queries are invalidated.
    /// </summary>
    /// <param name="domainEvent">The event.</param>
    /// <exception cref="ObjectDisposedException">The services were disposed.</exception>
    void Publish(object domainEvent);

    /// <summary>Waits until what was handed to <see cref="Publish"/> before has been handled. A handler that waits for it waits for itself.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    Task DrainAsync(CancellationToken cancellationToken = default);
}

/// <summary>How events that nobody waits for are handed on. Checked when the host starts.</summary>
public sealed class DomainEventOptions
{
    /// <summary>How many events may wait, 1 to 10,000,000. Default: 65,536.</summary>
    public int QueueCapacity { get; set; } = 65_536;

    /// <summary>How long the end of the process waits for the handlers, at most an hour. Default: 5 seconds.</summary>
    public TimeSpan ShutdownLimit { get; set; } = TimeSpan.FromSeconds(5);
}
