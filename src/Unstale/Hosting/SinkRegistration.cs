using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Sinks;
using Unstale.Telemetry;

namespace Unstale.Hosting;

/// <summary>Sink added to a cache.</summary>
/// <param name="Cache">Name of the cache whose log is forwarded to the sink.</param>
/// <param name="Name">Name of the sink.</param>
/// <param name="Find">Function that returns the sink.</param>
internal sealed record SinkRegistration(string Cache, string Name, Func<IServiceProvider, IInvalidationSink> Find)
{
    /// <summary>Name of the options of the sink.</summary>
    public string OptionsName => $"{Cache}/{Name}";

    /// <param name="services">Services of the application.</param>
    /// <param name="log">Name of the log.</param>
    /// <param name="own">Options of the log.</param>
    /// <param name="time">Clock of the application.</param>
    public SinkDispatcher Create(IServiceProvider services, string log, InvalidationLogOptions own, TimeProvider time) => new(
        new SinkIdentity(Name, Cache, log),
        () => Find(services),
        services.GetRequiredService<IOptionsMonitor<SinkOptions>>().Get(OptionsName),
        own.ShutdownTimeout,
        GuardedTime.Over(time),
        GuardedLogger.For<SinkDispatcher>(services),
        new SinkMetrics(services.GetService<IMeterFactory>(), log, Name));
}
