using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Targets;
using Unstale.Telemetry;

namespace Unstale.Hosting;

/// <summary>Target added to a cache.</summary>
/// <param name="Cache">Name of the cache whose log is forwarded to the target.</param>
/// <param name="Name">Name of the target.</param>
/// <param name="Find">Function that returns the target.</param>
internal sealed record TargetRegistration(string Cache, string Name, Func<IServiceProvider, ICacheTarget> Find)
{
    /// <summary>Name of the options of the target.</summary>
    public string OptionsName => $"{Cache}/{Name}";

    public TargetTeller Create(IServiceProvider services, UnstaleOptions cache, TimeProvider time) => new(
        new TargetIdentity(Name, Cache, cache.Log),
        () => Find(services),
        services.GetRequiredService<IOptionsMonitor<TargetOptions>>().Get(OptionsName),
        cache.ShutdownLimit,
        GuardedTime.Over(time),
        GuardedLogger.For<TargetTeller>(services),
        new TargetMetrics(services.GetService<IMeterFactory>(), cache.Log, Name));
}
