using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Loading;
using Unstale.Memory;
using Unstale.Node;
using Unstale.Remote;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Transactions;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Creates caches and their rules from the options, the log named in the options, and the registered services.</summary>
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
        var log = nodes.Get(own);
        Require(own, name, log);
        MemoryStore[] entries = [];
        var logger = GuardedLogger.For<UnstaleCache>(services);
        var metrics = new CacheMetrics(services.GetService<IMeterFactory>(), name, () => (entries.Sum(static part => part.Count), entries.Sum(static part => part.Bytes)), own.ReportTagMetrics, logger);
        var clock = new MonotonicClock(time, failure => logger.TimerFailed(failure, own.Log));
        var (most, removals, bytes) = (Share(own.MaximumEntries, log), Share(own.RecentRemovals, log), own.MaximumBytes / log.Nodes.Count);
        entries = [.. log.Nodes.Select(node => new MemoryStore(node.Horizon, most, metrics, new RemovedEntries(removals, clock), bytes))];
        var remote = services.GetKeyedService<IRemoteStore>(name) is { } store ? new MeasuredStore(store, metrics, clock) : null;
        var codecs = new CodecTable(services);
        var scopes = services.GetRequiredService<IServiceScopeFactory>();
        return new UnstaleCache(own, log, [.. log.Nodes.Zip(entries, Context)], rules);

        StoreContext Context(LogNode node, MemoryStore part) => new(
            name,
            node.Horizon,
            part,
            remote,
            codecs,
            clock,
            metrics,
            logger,
            (int)own.MaximumPayloadBytes,
            own.MaximumKeyLength,
            own.MaximumDependencies,
            node.Wake,
            node.ConfirmAsync,
            own.MaximumBytes is null ? null : new ValueSizer(own.Sizers, codecs))
        {
            LogName = own.Log,
            IsPartitioned = log.IsPartitioned,
            ContentVersion = own.ContentVersion,
            DeclaredOf = rules.Dependencies.NamesOf,
            OnStored = rules.Dependencies.Observe,
            Scopes = scopes,
            ColumnHash = log.ColumnHash,
            Pipeline = own.LoadPipeline,
            IsInUnitOfWork = static () => UnitOfWork.IsOpen,
            LeaveUnitOfWork = UnitOfWork.Leave,
        };
    }

    /// <summary>Returns the share of one partition in a limit of the whole cache, rounded up.</summary>
    private static int Share(int number, LogPartitions log) => (number + log.Nodes.Count - 1) / log.Nodes.Count;

    /// <exception cref="InvalidOperationException">The options require a feature that the log does not support.</exception>
    private static void Require(UnstaleOptions options, string name, LogPartitions log)
    {
        if (!log.IsPartitioned)
            return;
        var setting = options.RecordDependencies ? nameof(options.RecordDependencies)
            : Recording(nameof(options.DataTypes), options.DataTypes) ?? Recording(nameof(options.KeyPrefixes), options.KeyPrefixes);
        if (setting is not null)
            throw Errors.RecordsAcrossPartitions(name, log.Name, log.Nodes.Count, setting);
    }

    private static string? Recording(string list, IDictionary<string, UnstaleEntryOptions> options)
    {
        var key = options.FirstOrDefault(static entry => entry.Value.RecordDependencies == true).Key;
        return key is null ? null : $"{list}[{key}].{nameof(UnstaleEntryOptions.RecordDependencies)}";
    }
}
