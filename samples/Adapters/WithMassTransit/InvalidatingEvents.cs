using MassTransit;
using Unstale.Queries;

namespace Adapters.WithMassTransit;

/// <summary>
/// Invalidates when an event arrives. One node consumes the event, and the log carries the invalidation to all nodes. An event that is delivered twice invalidates twice,
/// which costs a load and no truth.
/// </summary>
public sealed class InvalidatingEvents<TEvent>(CompositeInvalidationStrategy strategy) : IConsumer<TEvent>
    where TEvent : class
{
    public async Task Consume(ConsumeContext<TEvent> context) => await strategy.InvalidateAsync(context.Message, context.CancellationToken);
}
