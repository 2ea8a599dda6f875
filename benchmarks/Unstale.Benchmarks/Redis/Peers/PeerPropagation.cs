using Unstale.Benchmarks.Redis.Nodes;
using Unstale.Benchmarks.Redis.Propagation;

namespace Unstale.Benchmarks.Redis.Peers;

/// <summary>
/// Delay from the call that invalidates a key until another node no longer serves it. HybridCache publishes nothing to other nodes.
/// </summary>
internal static class PeerPropagation
{
    private const double NotAbove = 1;

    public static IEnumerable<PeerLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var writer = new UnstalePeer(server);
        using var reader = new UnstalePeer(server);
        using var fusionWriter = new FusionPeer(server, "propagation");
        using var fusionReader = new FusionPeer(server, "propagation");
        using var counters = new ServerCounters(server);
        foreach (var (name, loaded) in new[] { ("idle", false), ("under 5,000/s", true) })
        {
            var (ours, theirs) = (new double[2][], new double[2][]);
            for (var pass = 0; pass < 2; pass++)
            {
                // The first pass is the warm-up.
                var probes = pass == 0 ? scale.Probes / 4 : scale.Probes;
                ours[pass] = Delays(writer, reader.Tell, probes, loaded);
                counters.WaitUntilQuiet();
                theirs[pass] = Delays(fusionWriter, fusionReader.Tell, probes, loaded);
                counters.WaitUntilQuiet();
            }

            foreach (var (percentile, share) in new[] { ("p50", 0.5), ("p99", 0.99) })
                yield return new($"called to gone on another node, {name}, {percentile}", "µs", ours[1].At(share)) { FusionCache = theirs[1].At(share), Goal = NotAbove };
        }
    }

    private static double[] Delays(IPeer writer, Func<Arrivals, IDisposable> tell, int probes, bool loaded)
    {
        var arrivals = new Arrivals(probes);
        using var reported = tell(arrivals);
        return ProbeTests.Run(arrivals, probe => writer.InvalidateKeyAsync(Arrivals.Key(probe)), loaded ? number => writer.InvalidateKeyAsync($"load:{number % 1_000}") : null);
    }
}
