using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.Channel;
using Unstale.Benchmarks.Commits;
using Unstale.Benchmarks.InProcess;
using Unstale.Benchmarks.InProcess.Eviction;
using Unstale.Benchmarks.InProcess.Peers;
using Unstale.Benchmarks.PostgreSql;
using Unstale.Benchmarks.Redis;
using Unstale.Benchmarks.Redis.Peers;
using Unstale.Benchmarks.Rules;

namespace Unstale.Benchmarks;

/// <summary>
/// Commands that print tables. The argument of a group is whether only to show that it runs; otherwise a group needs less than two minutes.
/// </summary>
internal static class LineCommands
{
    /// <summary>Command for measurements beside the bare limit of the same run.</summary>
    public static LineCommand Budgets { get; } = new("budgets", BudgetLine.Heading, new SortedDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>>(StringComparer.Ordinal)
    {
        ["channel"] = quick => ChannelBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["commits"] = quick => CommitBudgets.Measure(quick ? CommitScale.Quick : CommitScale.Full),
        ["in-process"] = quick => InProcessBudgets.Measure(quick ? InProcessScale.Quick : InProcessScale.Full),
        ["postgres"] = quick => PostgreSqlBudgets.Measure(quick ? PostgreSqlScale.Quick : PostgreSqlScale.Full),
        ["redis"] = quick => RedisBudgets.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["rules"] = quick => RuleBudgets.Measure(quick ? RuleScale.Quick : RuleScale.Full),
    });

    /// <summary>Command for measurements beside other caches in the same run.</summary>
    public static LineCommand Peers { get; } = new("peers", PeersHeading, new SortedDictionary<string, Func<bool, IEnumerable<IMeasuredLine>>>(StringComparer.Ordinal)
    {
        ["eviction"] = static quick => EvictionPeers.Measure(quick),
        ["in-process"] = static quick => InProcessPeers.Measure(quick ? InProcessScale.Quick : InProcessScale.Full),
        ["redis"] = quick => RedisPeers.Measure(quick ? RedisScale.Quick : RedisScale.Full),
        ["stale"] = static _ => StalePeers.Measure(),
    });

    private static string PeersHeading(string group) => group switch
    {
        "eviction" => EvictionLine.Heading(group),
        "in-process" => MemoryPeerLine.Heading(group),
        _ => PeerLine.Heading(group),
    };
}
