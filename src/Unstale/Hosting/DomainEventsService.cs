using Microsoft.Extensions.Hosting;
using Unstale.Queries;

namespace Unstale.Hosting;

/// <summary>Lets published events be handled before the host stops, while the handlers' own services still run.</summary>
internal sealed class DomainEventsService(DomainEvents events) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => events.StopAsync(cancellationToken);
}
