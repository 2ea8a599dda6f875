using Microsoft.Extensions.Hosting;
using Unstale.Queries;

namespace Unstale.Hosting;

/// <summary>Lets published events be handled before the host stops, while the handlers' own services still run.</summary>
internal sealed class DomainEventsService(DomainEvents events, DomainEventOptions options, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is not handled within the limit is left to the end of the services, which says what was lost.</summary>
    public async Task StopAsync(CancellationToken cancellationToken) =>
        await events.DrainAsync(cancellationToken).WaitAsync(options.ShutdownLimit, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
