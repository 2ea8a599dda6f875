using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis.Gets;

namespace Unstale.Benchmarks.Redis;

internal static class RedisBudgets
{
    /// <summary>Lazy, so that each line is printed when it is known.</summary>
    public static IEnumerable<BudgetLine> Measure(RedisScale scale)
    {
        using var server = new PrivateRedis();
        foreach (var measure in new Func<PrivateRedis, RedisScale, IEnumerable<BudgetLine>>[] { GetBudgets.Measure })
        {
            foreach (var line in measure(server, scale))
                yield return line;
        }
    }
}
