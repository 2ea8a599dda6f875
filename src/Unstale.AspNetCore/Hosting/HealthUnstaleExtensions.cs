using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Unstale;
using Unstale.AspNetCore;
using Unstale.AspNetCore.Health;
using Unstale.AspNetCore.Hosting;
using Unstale.Boundary;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Extension methods that add health checks of caches.</summary>
public static class HealthUnstaleExtensions
{
    private const string DefaultCache = "default";

    /// <summary>
    /// Adds a check that reports Degraded while the cache cannot confirm its contents or the miss ratio is too high, with figures of the last minutes.
    /// Degraded maps to status code 200 unless configured otherwise: a node that is not trusted serves current data, read from the source.
    /// </summary>
    /// <param name="builder">Builder of the health checks.</param>
    /// <param name="configure">Configures the options, which are validated when the host starts.</param>
    /// <param name="cache">Name of the cache. Default: the cache without a name.</param>
    /// <param name="name">Name of the check. Default: <c>unstale</c>, or <c>unstale:</c> and the name of the cache.</param>
    /// <param name="tags">Tags of the check, used by endpoints to select checks.</param>
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
