using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Unstale.Hosting;

/// <summary>
/// Opens the logs that are forwarded to targets, rejects targets that cannot be kept coherent, and delivers the remaining records at the end.
/// </summary>
internal sealed class SinkService(IServiceProvider services, LogNodes nodes, IEnumerable<SinkRegistration> targets) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var cache in targets.Select(target => target.Cache).Distinct(StringComparer.Ordinal))
            services.GetRequiredKeyedService<UnstaleCache>(cache);
        foreach (var teller in nodes.Dispatchers())
            teller.Find();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Delivers the remaining records. No other service of the host runs any more, and the targets, which are services too, are not disposed yet.
    /// Records for which the host does not wait are delivered when the logs are disposed.
    /// </summary>
    public async Task StoppedAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(nodes.Dispatchers().Select(teller => teller.DrainAsync()))
            .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
