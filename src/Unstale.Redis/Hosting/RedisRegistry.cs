using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Redis.Connection;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;
using Unstale.Redis.SecondLevel;
using Unstale.Remote;

namespace Unstale.Redis.Hosting;

/// <summary>
/// Logs of this process on Redis, one per name, and the hubs that carry them, one per way to connect. Logs are disposed by the callers that open them, hubs
/// by the registry.
/// </summary>
internal sealed class RedisRegistry(IServiceProvider services, IOptionsMonitor<RedisOptions> options, TimeProvider time) : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RedisSettings, RedisConnections> _hubs = [];
    private readonly Dictionary<string, RedisInvalidationLog[]> _logs = new(StringComparer.Ordinal);
    private readonly List<RemoteSweeper> _sweepers = [];

    /// <summary>Returns the options of a cache. Throws if they are invalid.</summary>
    public RedisOptions Options(string cache) => options.Get(cache);

    /// <summary>Returns the connection settings of a cache.</summary>
    public RedisSettings Settings(string cache) => RedisConnectionSettings.Resolve(options.Get(cache), services, time);

    /// <summary>Returns the partitions of a log, created with the options of the first cache that requests the log.</summary>
    public IReadOnlyList<RedisInvalidationLog> Logs(string cache, string name)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(name, out var logs))
                _logs.Add(name, logs = Create_NeedsLock(cache, name));

            return logs;
        }
    }

    /// <summary>Returns the second level of a cache that uses this log.</summary>
    public IRemoteStore Store(string cache, string log)
    {
        var settings = new RedisStoreSettings
        {
            CompressFrom = options.Get(cache).CompressionThreshold,
            MaximumPayload = (int)services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).MaximumPayloadBytes,
        };
        RedisRemoteStore[] stores = [.. Logs(cache, log).Select(partition => new RedisRemoteStore(partition, cache, settings, Logger<RedisRemoteStore>()))];
        return stores.Length == 1 ? stores[0] : new PartitionedStore(stores);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sweeper in _sweepers)
            await sweeper.DisposeAsync().ConfigureAwait(false);

        foreach (var hub in _hubs.Values)
            await hub.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private GuardedLogger Logger<T>() => GuardedLogger.For<T>(services);

    private RedisInvalidationLog[] Create_NeedsLock(string cache, string name)
    {
        var own = options.Get(cache);
        var connection = Settings(cache);
        var settings = new RedisLogSettings { MostRecords = own.LogLength, RequestTimeout = connection.RequestTimeout };
        var count = new PartitionCount(name, own.Partitions);
        var hub = Hub_NeedsLock(connection);
        RedisInvalidationLog[] logs = [.. Enumerable.Range(0, own.Partitions).Select(Partition)];

        // Needed even if no cache here has a second level: targets listed for other caches leave the list only after a sweep.
        _sweepers.AddRange(logs.Select(log => new RemoteSweeper(log, Logger<RemoteSweeper>())));
        return logs;

        RedisInvalidationLog Partition(int number) => new(
            hub, name, new RedisKeys(own.KeyPrefix, name, number, connection.Database ?? 0), settings, Logger<RedisInvalidationLog>(), count, number);
    }

    private RedisConnections Hub_NeedsLock(RedisSettings settings)
    {
        if (!_hubs.TryGetValue(settings, out var hub))
        {
            var survey = new ServerConfigurationCheck(Logger<ServerConfigurationCheck>());
            _hubs.Add(settings, hub = new RedisConnections(settings, Logger<RedisConnections>()) { Greet = survey.Connected });
        }

        return hub;
    }
}
