using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary>Delay from the call that invalidates a key until another node no longer serves it, beside a message over a channel.</summary>
internal static class PropagationBudgets
{
    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var writer = new RedisNode(server);
        using var reader = new RedisNode(server);
        using var channel = new BareChannel(server);
        foreach (var (name, loaded, p50, p99) in new[] { ("idle", false, 1.5, 2.0), ("under 5,000/s", true, 1.5, 2.0) })
        {
            // Warm-up.
            Bare(channel, scale.Probes / 4, loaded);
            Ours(writer, reader, scale.Probes / 4, loaded);
            var bare = Bare(channel, scale.Probes, loaded);
            var ours = Ours(writer, reader, scale.Probes, loaded);
            yield return new($"called to gone on another node, {name}, p50", "µs", ours.At(0.5)) { Bare = bare.At(0.5), RatioBudget = p50 };
            yield return new($"called to gone on another node, {name}, p99", "µs", ours.At(0.99)) { Bare = bare.At(0.99), RatioBudget = p99 };
            yield return new($"called to gone on another node, {name}, max", "µs", ours[^1]) { Bare = bare[^1] };
        }
    }

    private static double[] Bare(BareChannel channel, int probes, bool loaded)
    {
        var arrivals = new Arrivals(probes);
        channel.Hear(arrivals);
        return ProbeTests.Run(arrivals, channel.ProbeAsync, loaded ? channel.LoadAsync : null);
    }

    private static double[] Ours(RedisNode writer, RedisNode reader, int probes, bool loaded)
    {
        var arrivals = new Arrivals(probes);
        using var reported = reader.Tell(arrivals);
        return ProbeTests.Run(arrivals, probe => InvalidateAsync(Arrivals.Key(probe)), loaded ? number => InvalidateAsync($"load:{number % 1_000}") : null);

        async ValueTask InvalidateAsync(string key) => await writer.Invalidator.InvalidateKeyAsync(key).ConfigureAwait(false);
    }
}
