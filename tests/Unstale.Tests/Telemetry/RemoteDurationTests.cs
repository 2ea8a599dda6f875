using Microsoft.Extensions.DependencyInjection;
using Unstale.Remote;
using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Durations of the calls of the second level.</summary>
public sealed class RemoteDurationTests
{
    private const string Duration = "unstale.cache.remote.duration/";

    private readonly string _cache = Guid.NewGuid().ToString();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_operation_is_measured_with_its_outcome()
    {
        using var listener = new Measurements("unstale.cache.name", _cache);
        await using var cluster = new TestCluster(nodes: 0);
        var node = await AddAsync(cluster);
        var cache = node.CacheNamed(_cache);
        var hold = node.Faults.HoldNext(ServerScript.GetOrLease);
        var read = cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), cancellationToken: Stop).AsTask();
        await Eventually.Ends("the request is held", hold.Reached);
        cluster.Advance(0.4);
        hold.Release();
        await read;
        await Eventually.Holds("the value is stored", () => listener.Recorded().ContainsKey(Duration + "store/succeeded"));
        await cache.SetAsync("s", "v", cancellationToken: Stop);
        node.Faults.Refuses = static script => script == ServerScript.Get;
        await cache.GetOrCreateAsync("refused", static _ => new ValueTask<string>("v"), cancellationToken: Stop);

        var recorded = listener.Recorded().Where(static one => one.Key.StartsWith(Duration, StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(
            [Duration + "get/failed", Duration + "get/succeeded", Duration + "get_or_lease/succeeded", Duration + "set/succeeded", Duration + "store/succeeded"],
            recorded.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(0.4, recorded[Duration + "get_or_lease/succeeded"], 3);
        Assert.Equal(0, recorded[Duration + "get/failed"], 3);
    }

    private async Task<ClusterNode> AddAsync(TestCluster cluster)
    {
        var node = cluster.Add(more: services => services.AddKeyedSingleton<IRemoteStore>(_cache, static (s, _) => s.GetRequiredKeyedService<IRemoteStore>("shop"))
            .AddUnstale(_cache, static o => o.Log = "shared"));
        await Eventually.Holds("the node is trusted", () => node.IsTrusted);
        return node;
    }
}
