using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Channel;
using Unstale.Benchmarks.InProcess;
using Unstale.Benchmarks.InProcess.Peers;
using Unstale.Benchmarks.Redis;
using Unstale.Benchmarks.Redis.Peers;
using Unstale.Benchmarks.Rules;

namespace Unstale.Benchmarks;

/// <summary>The commands that print tables. Each group takes whether it shall only show that it runs, and less than two minutes otherwise.</summary>
internal static class LineCommands
{
    /// <summary>Beside the bare limit of the same run.</summary>
    public static LineCommand Budgets { get; } = new("budgets", BudgetLine.Heading, new SortedDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>>(StringComparer.Ordinal)
    {
        ["channel"] = quick => ChannelBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["in-process"] = quick => InProcessBudgets.Measure(quick ? InProcessScale.Quick : InProcessScale.Full),
        ["redis"] = quick => RedisBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["rules"] = quick => RuleBudgets.Measure(quick ? RuleScale.Quick : RuleScale.Full),
    });

    /// <summary>Beside other caches in the same run.</summary>
    public static LineCommand Peers { get; } = new("peers", PeerLine.Heading, new SortedDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>>(StringComparer.Ordinal)
    {
        ["redis"] = quick => RedisPeers.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["stale"] = static _ => StalePeers.Measure(),
    });
}
