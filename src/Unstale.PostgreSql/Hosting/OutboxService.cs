using Microsoft.Extensions.Hosting;
using Unstale.PostgreSql.Outbox;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Runs the relay while the host runs. A database that cannot be reached does not fail the start.</summary>
internal sealed class OutboxService(OutboxRelay relay) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        relay.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => relay.StopAsync();
}
