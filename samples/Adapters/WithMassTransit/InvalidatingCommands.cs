using MassTransit;
using Unstale.Queries;

namespace Adapters.WithMassTransit;

/// <summary>Invalidates after a consumer has returned. A consumer that throws invalidates nothing.</summary>
public sealed class InvalidatingCommands<TMessage>(CommandInvalidation commands) : IFilter<ConsumeContext<TMessage>>
    where TMessage : class
{
    public Task Send(ConsumeContext<TMessage> context, IPipe<ConsumeContext<TMessage>> next) =>
        commands.ExecuteAsync(context.Message, _ => new ValueTask(next.Send(context)), context.CancellationToken).AsTask();

    public void Probe(ProbeContext context) => context.CreateFilterScope("invalidation");
}
