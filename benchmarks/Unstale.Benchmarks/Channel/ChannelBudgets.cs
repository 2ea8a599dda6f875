using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Redis;

namespace Unstale.Benchmarks.Channel;

internal static class ChannelBudgets
{
    /// <summary>Enumerates lazily, so each line is printed right after the measurement.</summary>
    public static IEnumerable<BudgetLine> Measure(RedisScale scale)
    {
        using var server = new PrivateRedis();
        foreach (var line in MessageBudgets.Measure(scale).Concat(FlowBudgets.Measure(server, scale)).Concat(DelayBudgets.Measure(server, scale)))
            yield return line;
    }
}
