using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Remote;
using Unstale.Rules;
using Unstale.Store;
using Unstale.Telemetry;

namespace Unstale.Hosting;

/// <summary>Makes a cache of its options, the log that they name, and what the services offer.</summary>
internal sealed class CacheFactory(
    IServiceProvider services, LogNodes nodes, RegistrationReview review, IOptionsMonitor<UnstaleOptions> options, TimeProvider time)
{
    public const string DefaultName = "default";

    public InvalidationRules CreateRules(string name)
    {
        var rules = new InvalidationRules(time) { BatchDelay = options.Get(name).BatchDelay };
        foreach (var source in services.GetKeyedServices<RuleSource>(name))
            source.AddTo(rules);
        return rules;
    }

    public UnstaleCache Create(string name)
    {
        var own = options.Get(name).Copy();
        review.Require();
        var rules = services.GetRequiredKeyedService<InvalidationRules>(name);
        var node = nodes.Get(own);
        EntryStore? entries = null;
        var metrics = new CacheMetrics(services.GetService<IMeterFactory>(), name, () => (entries?.Count ?? 0, entries?.Bytes ?? 0));
        var logger = GuardedLogger.For<UnstaleCache>(services);
        var clock = new MonotonicClock(time, failure => logger.TimerFailed(failure, own.Log));
        entries = new EntryStore(node.Horizon, own.MaximumEntries, metrics, new RemovedEntries(own.RecentRemovals, clock));
        var context = new StoreContext(
            name,
            node.Horizon,
            entries,
            services.GetKeyedService<IRemoteStore>(name),
            new CodecTable(services),
            clock,
            metrics,
            logger,
            own.MaximumPayloadBytes,
            own.MaximumKeyLength,
            own.MaximumDependencies,
            node.Wake,
            node.ConfirmAsync)
        {
            ContentVersion = own.ContentVersion,
            DeclaredOf = rules.Dependencies.NamesOf,
            Kept = rules.Dependencies.Kept,
            Scopes = services.GetRequiredService<IServiceScopeFactory>(),
            IsInUnitOfWork = static () => UnitOfWork.IsOpen,
            LeaveUnitOfWork = UnitOfWork.Leave,
        };
        return new UnstaleCache(own, node, context, rules);
    }
}
