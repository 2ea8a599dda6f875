using Unstale.Benchmarks.Channel;
using Unstale.Benchmarks.InProcess;
using Unstale.Benchmarks.Redis;
using Unstale.Benchmarks.Rules;

namespace Unstale.Benchmarks.Budgets;

/// <summary>The groups by name. Each takes whether it shall only show that it runs, and less than two minutes otherwise.</summary>
internal static class BudgetGroups
{
    public static IReadOnlyDictionary<string, Func<bool, IEnumerable<BudgetLine>>> All { get; } =
        new SortedDictionary<string, Func<bool, IEnumerable<BudgetLine>>>(StringComparer.Ordinal)
        {
            ["channel"] = quick => ChannelBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
            ["in-process"] = quick => InProcessBudgets.Measure(quick ? InProcessScale.Quick : InProcessScale.Full),
            ["redis"] = quick => RedisBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
            ["rules"] = quick => RuleBudgets.Measure(quick ? RuleScale.Quick : RuleScale.Full),
        };
}
