using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis.Invalidations;
using Unstale.Benchmarks.Redis.Patterns;
using Unstale.Benchmarks.Redis.Propagation;
using Unstale.Benchmarks.Redis.Values;

namespace Unstale.Benchmarks.Redis;

internal static class RedisBudgets
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(RedisScale scale)
    {
        using var server = new PrivateRedis();
        Func<PrivateRedis, RedisScale, IEnumerable<BudgetLine>>[] all =
        [
            PropagationBudgets.Measure,
            InvalidationBudgets.Measure,
            AppendBudgets.Measure,
            RemoteHitBudgets.Measure,
            MissBudgets.Measure,
            RedisPatternBudgets.Measure,
        ];
        foreach (var measure in all)
        {
            foreach (var line in measure(server, scale))
                yield return line;
        }
    }
}
