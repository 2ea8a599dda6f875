using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Values;

/// <summary>Reads of values in Redis but not in memory, beside <c>GET</c> of the same client.</summary>
internal static class RemoteHitBudgets
{
    private const double TimesGet = 1.25, LeastRatio = 0.75, TimesServer = 2, MostBytes = 1_200;

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var node = new RedisNode(server);
        using var bare = new BareGets(server);
        using var counters = new ServerCounters(server);
        Stored.Load(node.Cache, ReadStock.Names, ReadStock.Value, ReadStock.Tags);
        foreach (var name in ReadStock.Names)
            bare.Set(name, ReadStock.Value);

        var value = MemoryUse.AllocatedBy(static () => _ = new string('v', ReadStock.ValueLength));
        foreach (var (count, name) in new[] { (1, "1 caller"), (50, "50 callers") })
        {
            var gets = new Callers(count, (caller, turn) => bare.GetAsync(ReadStock.Name(caller, turn)));
            var hits = new Callers(count, (caller, turn) => ReadAsync(node.Cache, ReadStock.Name(caller, turn)));
            var rates = scale.Cluster.Medians(() => gets.PerSecond(scale.Slice), () => hits.PerSecond(scale.Slice));
            var title = $"value in Redis, {ReadStock.ValueLength} bytes, 3 tags, {name}";
            yield return count == 1
                ? new(title, "µs", 1e6 / rates[1]) { Bare = 1e6 / rates[0], RatioBudget = TimesGet }
                : new(title, "/s", rates[1]) { Bare = rates[0], LeastRatio = LeastRatio };
            yield return new($"value in Redis, {name}, bytes allocated beyond the value", "B", hits.Allocated(scale.Slice) - value) { Bare = gets.Allocated(scale.Slice), Limit = MostBytes };
            var times = scale.Cluster.Medians(
                () => ServerTime.Of(counters, gets, scale.Slice).Microseconds,
                () => ServerTime.Of(counters, hits, scale.Slice).Microseconds);
            yield return new($"value in Redis, {name}, server time", "µs", times[1]) { Bare = times[0], RatioBudget = TimesServer };
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadAsync(UnstaleCache cache, string key) => ReadStock.Check(await Stored.ReadAsync(cache, key).ConfigureAwait(false));
}
