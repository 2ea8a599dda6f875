using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Targets;
using Unstale.Telemetry;

namespace Unstale.Hosting;

/// <summary>A target that was added to a cache.</summary>
/// <param name="Cache">The cache, whose log it is told.</param>
/// <param name="Name">Its name.</param>
/// <param name="Find">Gives the target.</param>
internal sealed record TargetRegistration(string Cache, string Name, Func<IServiceProvider, ICacheTarget> Find)
{
    /// <summary>The name of its options.</summary>
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
