using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Measuring;
using Unstale.Benchmarks.Redis.Nodes;

namespace Unstale.Benchmarks.Redis.Invalidations;

/// <summary>Server time of an append by a live cache, including the script's query for the run id.</summary>
internal static class AppendBudgets
{
    private const int Names = 1_000, Many = 100;
    private const double Alone = 20, InBatches = 10;

    private static readonly string[] Keys = [.. Enumerable.Range(0, Names).Select(i => $"product:{i:D6}")];
    private static readonly string[] Tags = [.. Enumerable.Range(0, Names).Select(i => $"category:{i:D6}")];

    public static IEnumerable<BudgetLine> Measure(PrivateRedis server, RedisScale scale)
    {
        using var node = new RedisNode(server);
        using var counters = new ServerCounters(server);
        var invalidator = node.Invalidator;
        (string Name, Func<int, int, ValueTask> Invalidate)[] kinds =
        [
            ("a key", async (caller, turn) => await invalidator.InvalidateKeyAsync(Keys[Name(caller, turn)]).ConfigureAwait(false)),
            ("a tag", async (caller, turn) => await invalidator.InvalidateTagAsync(Tags[Name(caller, turn)]).ConfigureAwait(false)),
        ];
        foreach (var (name, invalidate) in kinds)
        {
            var alone = Times(scale, counters, new(1, invalidate));
            yield return new($"append of {name} alone, server time", "µs", alone.Microseconds) { Limit = Alone };
            var batched = Times(scale, counters, new(Many, invalidate));
            yield return new($"append of {name}, {Many} waiting callers, server time of a record", "µs", batched.Microseconds) { Limit = InBatches };
            yield return new($"append of {name}, {Many} waiting callers, records in one call", "", 1 / batched.Scripts);
        }
    }

    private static ServerTime Times(RedisScale scale, ServerCounters counters, Callers callers)
    {
        var scripts = new List<double>();
        var microseconds = scale.Cluster.Medians(() =>
        {
            var time = ServerTime.Of(counters, callers, scale.Slice);
            scripts.Add(time.Scripts);
            return time.Microseconds;
        });
        return new(microseconds[0], Rounds.Median(scripts));
    }

    private static int Name(int caller, int turn) => (caller * 31 + turn) % Names;
}
