using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>Reads of values in Redis but not in memory.</summary>
internal static class PeerReads
{
    private const double Goal = 1.3;

    public static IEnumerable<PeerLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var unstale = new UnstalePeer(server);
        using var fusion = new FusionPeer(server, "reads");
        using var hybrid = new HybridPeer(server);
        using var counters = new ServerCounters(server);
        IPeer[] peers = [unstale, fusion, hybrid];
        foreach (var peer in peers)
            peer.Load(ReadStock.Names, ReadStock.Value, ReadStock.Tags);
        PeerCheck.ReadsFromRedis(counters, ReadStock.Names, peers);

        foreach (var (count, name) in new[] { (1, "1 caller"), (50, "50 callers") })
        {
            var reads = peers.Select(peer => new Callers(count, (caller, turn) => ReadAsync(peer, ReadStock.Name(caller, turn)))).ToArray();
            var rates = scale.Cluster.Medians([.. reads.Select(read => (Func<double>)(() => read.PerSecond(scale.Slice)))]);
            var title = $"value in Redis, {ReadStock.ValueLength} bytes, 3 tags, {name}";
            yield return count == 1
                ? new(title, "µs", 1e6 / rates[0]) { FusionCache = 1e6 / rates[1], HybridCache = 1e6 / rates[2], Goal = Goal, GoalIsForBoth = true }
                : new(title, "/s", rates[0]) { FusionCache = rates[1], HybridCache = rates[2], Goal = Goal, GoalIsForBoth = true };
            var bytes = reads.Select(read => read.Allocated(scale.Slice)).ToArray();
            yield return new($"value in Redis, {name}, bytes allocated", "B", bytes[0]) { FusionCache = bytes[1], HybridCache = bytes[2] };
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAsync(IPeer peer, string key) => ReadStock.Check(await peer.ReadAsync(key).ConfigureAwait(false));
}
