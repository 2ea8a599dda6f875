using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Unstale.Hosting;

/// <summary>
/// Opens the logs that are forwarded to sinks, rejects sinks that cannot be kept coherent, and delivers the remaining records at the end.
/// </summary>
internal sealed class SinkService(IServiceProvider services, LogNodes nodes, IEnumerable<SinkRegistration> sinks) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var cache in sinks.Select(static sink => sink.Cache).Distinct(StringComparer.Ordinal))
            services.GetRequiredKeyedService<UnstaleCache>(cache);
        foreach (var dispatcher in nodes.Dispatchers())
            dispatcher.Find();
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Delivers the remaining records. No other service of the host runs any more, and the sinks, which are services too, are not disposed yet.
    /// Records for which the host does not wait are delivered when the logs are disposed.
    /// </summary>
    public async Task StoppedAsync(CancellationToken cancellationToken) =>
        await Task.WhenAll(nodes.Dispatchers().Select(dispatcher => dispatcher.DrainAsync()))
            .WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
