using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.AspNetCore;
using Unstale.AspNetCore.Health;
using Unstale.AspNetCore.Hosting;
using Unstale.Boundary;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds health checks of caches.</summary>
public static class HealthUnstaleExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// Adds a check that says degraded while the cache cannot confirm what it holds, or misses too often, with figures of the last minutes.
    /// Degraded is answered with 200 unless you say otherwise: a node that is not trusted serves the truth, from the source.
    /// </summary>
    /// <param name="builder">The health checks.</param>
    /// <param name="configure">Changes the options; they are checked when the host starts.</param>
    /// <param name="cache">The name of the cache. Default: the one without a name.</param>
    /// <param name="name">The name of the check. Default: <c>unstale</c>, or <c>unstale:</c> and the cache's name.</param>
    /// <param name="tags">Tags of the check, by which endpoints choose.</param>
    public static IHealthChecksBuilder AddUnstale(
        this IHealthChecksBuilder builder, Action<UnstaleHealthOptions>? configure = null, string cache = DefaultCache, string? name = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(cache);
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<UnstaleHealthOptions>, HealthOptionsValidator>());
        var options = services.AddOptions<UnstaleHealthOptions>(cache).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.TryAddKeyedSingleton(cache, static (s, key) => new CacheHealthCheck(
            s.GetRequiredKeyedService<UnstaleCache>(key),
            s.GetRequiredService<IOptionsMonitor<UnstaleHealthOptions>>().Get((string)key!),
            GuardedTime.Over(s.GetRequiredService<TimeProvider>())));
        return builder.Add(new HealthCheckRegistration(
            name ?? (cache == DefaultCache ? "unstale" : $"unstale:{cache}"),
            s => s.GetRequiredKeyedService<CacheHealthCheck>(cache),
            HealthStatus.Degraded,
            tags));
    }
}
