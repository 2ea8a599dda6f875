using System.Globalization;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Round trips of reads that miss on every level: read of Redis, lease, load and fill.</summary>
internal static class MissBudgets
{
    private const int Misses = 10, RoundTrips = 3;

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var node = new RedisNode(server);
        using var monitor = new CommandMonitor(server);
        var (cache, read) = (node.Cache, 0);

        // Few misses in a turn, so that most turns contain no periodic call of the node.
        var sent = scale.Misses.Medians(() => monitor.Sent(() =>
        {
            for (var miss = 0; miss < Misses; miss++)
                cache.GetOrCreateAsync("missed" + (read++).ToString(CultureInfo.InvariantCulture), static _ => ValueTask.FromResult("loaded"), tags: ["missed"]).Wait();
        }));
        yield return new("miss with lease, load and fill, round trips", "", sent[0] / Misses) { Limit = RoundTrips };
    }
}
