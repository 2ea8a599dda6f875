using Microsoft.Extensions.Hosting;
using Unstale.Queries;

namespace Unstale.Hosting;

/// <summary>Waits until published events are handled before the host stops, while the services of the handlers still run.</summary>
internal sealed class DomainEventsService(DomainEvents events) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => events.StopAsync(cancellationToken);
}
