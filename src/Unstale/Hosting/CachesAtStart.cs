using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Unstale.Boundary;

namespace Unstale.Hosting;

/// <summary>
/// Makes every cache with its rules, and opens its log, before anything else of the host starts: what is wrong with them ends the start, and the
/// first read finds a log that is followed.
/// </summary>
internal sealed class CachesAtStart(
    IServiceProvider services, IEnumerable<CacheRegistration> caches, RegistrationReview review, LogNodes nodes, IOptionsMonitor<UnstaleOptions> options)
    : IHostedLifecycleService
{
    /// <summary>The longest that the start waits for the logs; a log that is away does not hold it up for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var names = caches.Select(static cache => cache.Name).Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names)
            _ = services.GetRequiredKeyedService<UnstaleCache>(name);
        review.RequireResolved();

        // The system's clock: one that a test holds still must not hold up the start.
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
