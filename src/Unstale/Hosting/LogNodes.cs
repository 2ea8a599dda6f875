using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Sinks;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>
/// Logs followed by the caches of this process, one node for each partition. A log is the service registered under the name of the log, or the log
/// created by the source of a cache that names the log, or else an in-process log.
/// </summary>
internal sealed class LogNodes(
    IServiceProvider services, IOptionsMonitor<UnstaleOptions> caches, IOptionsMonitor<InvalidationLogOptions> options, TimeProvider time)
    : IDisposable, IAsyncDisposable
{
    // Resolved before any log is created, so that resources shared by the sources are disposed after the logs.
    private readonly ILogSource[] _sources = [.. services.GetKeyedServices<ILogSource>(KeyedService.AnyKey)];
    private readonly SinkRegistration[] _sinks = [.. services.GetServices<SinkRegistration>()];
    private readonly Dictionary<string, Known> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly RecordOrigin _origin = new(
        Guid.NewGuid().ToString("n"), services.GetService<IHostEnvironment>()?.ApplicationName ?? AppDomain.CurrentDomain.FriendlyName);

    /// <summary>Returns the log of a cache, opened by the first call.</summary>
    public LogPartitions Get(UnstaleOptions cache)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(cache.Log, out var known))
                _nodes.Add(cache.Log, known = Create(cache.Log));
            known.Partitions.ServeBeyond(cache.ServeUntrustedFor);
            return known.Partitions;
        }
    }

    /// <summary>Returns the components that forward open logs to sinks, for the sinks of all caches.</summary>
    public IReadOnlyList<SinkDispatcher> Dispatchers()
    {
        lock (_gate)
            return [.. _nodes.Values.SelectMany(known => known.Dispatchers)];
    }

    /// <summary>Disposes all logs in parallel, so that their waits do not add up.</summary>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_nodes.Values.Select(EndAsync)).ConfigureAwait(false);

    /// <summary>Disposes a log before the dispatchers of its sinks, so that the sinks also receive the last records.</summary>
    private static async Task EndAsync(Known known)
    {
        try
        {
            await known.Partitions.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(known.Dispatchers.Select(dispatcher => dispatcher.DisposeAsync().AsTask())).ConfigureAwait(false);
            await Task.WhenAll(known.Logs.Select(log => log.DisposeAsync().AsTask())).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the logs of a container that is disposed synchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private Known Create(string name)
    {
        var own = options.Get(name).Copy();
        var logs = Open(name);
        var partitions = new LogPartitions([.. logs.Select((log, partition) => Node(name, own, log, logs.Length == 1 ? null : partition))]) { Options = own };
        var dispatchers = _sinks.Where(sink => caches.Get(sink.Cache).Log == name).Select(sink => sink.Create(services, name, own, time)).ToList();
        foreach (var dispatcher in dispatchers)
            partitions.Add(dispatcher);
        return new Known(partitions, logs, dispatchers);
    }

    private LogNode Node(string name, InvalidationLogOptions own, IInvalidationLog log, int? partition)
    {
        var logger = GuardedLogger.For<LogNode>(services);
        var metrics = new LogMetrics(services.GetService<IMeterFactory>(), name, partition);
        var clock = new MonotonicClock(time, failure => logger.TimerFailed(failure, name));
        return new LogNode(log, _origin, SettingsOf(own, partition is null), clock, logger, metrics, partition ?? 0);
    }

    private static NodeSettings SettingsOf(InvalidationLogOptions own, bool isOnlyPartition) =>
        new(new HorizonSettings
        {
            StalenessBound = (long)own.StalenessBound.TotalMilliseconds,
            RetryCapacity = own.QueueCapacity,
            RecentRecords = own.RecentRecords,
            NotesUnmatched = isOnlyPartition,
        })
        {
            AppendTimeout = own.AppendTimeout,
            ShutdownTimeout = own.ShutdownTimeout,
            FailoverGracePeriod = own.FailoverGracePeriod,
        };

    /// <summary>Opens the log, or each of its partitions.</summary>
    private IInvalidationLog[] Open(string name)
    {
        var registered = services.GetKeyedService<IInvalidationLog>(name);
        var sources = _sources.Where(source => caches.Get(source.Cache).Log == name).OrderBy(source => source.Cache, StringComparer.Ordinal).ToList();
        if (sources.Count == 0)
            return [registered ?? new InProcessLog(name, time)];
        var first = sources[0];
        if (registered is not null)
            throw Errors.LogRegisteredTwice(name, first.Cache, first.Place);
        if (sources.Find(source => source.Place != first.Place) is { } other)
            throw Errors.ContradictingPlaces(name, (first.Cache, first.Place), (other.Cache, other.Place));
        var count = first.Partitions;
        if (count is < 1 or > Errors.MostPartitions)
            throw Errors.PartitionCount(name, count);
        return [.. Enumerable.Range(0, count).Select(partition => first.Create(name, partition))];
    }

    private sealed record Known(LogPartitions Partitions, IInvalidationLog[] Logs, List<SinkDispatcher> Dispatchers);
}
