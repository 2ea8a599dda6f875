using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.Rules;

namespace Unstale.Hosting;

/// <summary>Makes the rules of every cache before anything else of the host starts: what is wrong with them is said then.</summary>
internal sealed class RulesAtStart(IServiceProvider services, IEnumerable<CacheWithRules> caches) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var cache in caches.Distinct())
            _ = services.GetRequiredKeyedService<InvalidationRules>(cache.Name);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
