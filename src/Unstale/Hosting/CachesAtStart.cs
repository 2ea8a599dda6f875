using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Boundary;

namespace Unstale.Hosting;

/// <summary>
/// Creates every cache with its rules and opens the log of the cache before any other service of the host starts. An invalid cache or rule aborts
/// the start, and the first read finds a log that is already followed.
/// </summary>
internal sealed class CachesAtStart(
    IServiceProvider services, IEnumerable<CacheRegistration> caches, RegistrationReview review, LogNodes nodes, IOptionsMonitor<UnstaleOptions> options)
    : IHostedLifecycleService
{
    /// <summary>Maximum time for which the start waits for the logs. An unavailable log delays the start no longer. Value: 1 second.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var names = caches.Select(static cache => cache.Name).Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names)
            _ = services.GetRequiredKeyedService<UnstaleCache>(name);
        review.RequireResolved();

        // The system clock, because a test clock that does not advance must not block the start.
        var time = GuardedTime.Over(TimeProvider.System);
        var partitions = names.SelectMany(name => nodes.Get(options.Get(name)).Nodes).Distinct();
        await Task.WhenAll(partitions.Select(node => node.TrustedAsync(Longest, time, cancellationToken))).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
