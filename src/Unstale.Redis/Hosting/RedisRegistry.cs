using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Unstale.Boundary;
using Unstale.Redis.Link;
using Unstale.Redis.Log;
using Unstale.Redis.Scripts;
using Unstale.Redis.Store;
using Unstale.Remote;

namespace Unstale.Redis.Hosting;

/// <summary>
/// The logs of this process that live on Redis, one for each name, and the hubs that carry them, one for each way to connect. The logs
/// are disposed by those who open them, the hubs here.
/// </summary>
internal sealed class RedisRegistry(IServiceProvider services, IOptionsMonitor<RedisOptions> options, TimeProvider time) : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RedisSettings, RedisHub> _hubs = [];
    private readonly Dictionary<string, RedisInvalidationLog[]> _logs = new(StringComparer.Ordinal);
    private readonly List<RemoteSweeper> _sweepers = [];

    /// <summary>The options of a cache; throws what is wrong with them.</summary>
    public RedisOptions Options(string cache) => options.Get(cache);

    /// <summary>How the options of a cache connect.</summary>
    public RedisSettings Settings(string cache) => RedisConnectionSettings.Read(options.Get(cache), services, time);

    /// <summary>The partitions of the log of this name, as the first cache that asks for it wants it.</summary>
    public IReadOnlyList<RedisInvalidationLog> Logs(string cache, string name)
    {
        lock (_gate)
        {
            if (!_logs.TryGetValue(name, out var logs))
            {
                _logs.Add(name, logs = Create_NeedsLock(cache, name));
            }

            return logs;
        }
    }

    /// <summary>The second level of a cache, beside the log of this name.</summary>
    public IRemoteStore Store(string cache, string log)
    {
        var settings = new RedisStoreSettings
        {
            CompressFrom = options.Get(cache).CompressionThreshold,
            MaximumPayload = services.GetRequiredService<IOptionsMonitor<UnstaleOptions>>().Get(cache).MaximumPayloadBytes,
        };
        RedisRemoteStore[] stores = [.. Logs(cache, log).Select(partition => new RedisRemoteStore(partition, cache, settings, Logger<RedisRemoteStore>()))];
        return stores.Length == 1 ? stores[0] : new PartitionedStore(stores);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sweeper in _sweepers)
        {
            await sweeper.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var hub in _hubs.Values)
        {
            await hub.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>For a container that is not disposed asynchronously.</summary>
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

        // Also where no cache has a second level: what is listed for the others leaves the list only when somebody sweeps.
        _sweepers.AddRange(logs.Select(log => new RemoteSweeper(log, Logger<RemoteSweeper>())));
        return logs;

        RedisInvalidationLog Partition(int number) => new(
            hub, name, new RedisKeys(own.KeyPrefix, name, number, connection.Database ?? 0), settings, Logger<RedisInvalidationLog>(), count, number);
    }

    private RedisHub Hub_NeedsLock(RedisSettings settings)
    {
        if (!_hubs.TryGetValue(settings, out var hub))
        {
            var survey = new ServerSurvey(Logger<ServerSurvey>());
            _hubs.Add(settings, hub = new RedisHub(settings, Logger<RedisHub>()) { Greet = survey.Greet });
        }

        return hub;
    }
}
