using System.Globalization;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>
/// Sequence of faults under a write every 20 ms and readers on every node. Each read is judged, and a line for each fault is written to the output of
/// the test.
/// </summary>
internal static class FaultRun
{
    /// <summary>Number of faults below which a run would show nothing about a topology.</summary>
    private const int Enough = 10;

    private static readonly TimeSpan WriteEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>Time after which a node that has not recovered by itself counts as lost.</summary>
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(15);

    private static readonly int SoakSeconds =
        int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_SOAK_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="nodes">Three trusted nodes of a topology.</param>
    /// <param name="allow">Age from which a result counts as stale: the bound, and the time for which a deposed master confirms.</param>
    /// <param name="faults">
    /// Faults in the order of execution, since one may repair the damage of another. All are repeated for as long as the soak lasts.
    /// </param>
    public static async Task JudgeAsync(NodeGroup nodes, TimeSpan allow, params IReadOnlyList<Fault> faults)
    {
        Assert.True(faults.Count >= Enough, $"Expected at least {Enough} faults but found {faults.Count}.");
        await using var load = new Load(nodes, allow, WriteEvery);
        await using var watch = new TrustWatch(nodes.Nodes.Select(static node => (Func<bool>)(() => node.IsTrusted)));
        await Load.RunsAsync(500);
        Print($"{"fault",-48} {"lasted",8} {"untrusted",10} {"trusted",8} {"fresh",8} {"stale",6} {"loads",6} {"queued",6} {"reads",7} {"slowest",8}");
        var begin = TimeProvider.System.GetTimestamp();
        do
        {
            foreach (var fault in faults)
                await HitAsync(nodes, load, watch, fault);
        }
        while (TimeProvider.System.GetElapsedTime(begin).TotalSeconds < SoakSeconds);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    private static async Task HitAsync(NodeGroup nodes, Load load, TrustWatch watch, Fault fault)
    {
        var (stale, loads, queued, reads) = (load.Stale, nodes.Truth.Loads, load.Queued, load.Reads);
        load.TakeSlowest();
        watch.Begin();
        var begin = TimeProvider.System.GetTimestamp();
        await fault.HitAsync();
        var healed = TimeProvider.System.GetTimestamp();
        var fresh = await FreshEverywhereAsync(nodes, fault);
        await Load.RunsAsync(300);
        var (longest, lastUntrusted) = watch.Seen();
        var trusted = lastUntrusted > healed ? TimeProvider.System.GetElapsedTime(healed, lastUntrusted) : TimeSpan.Zero;
        Print($"{fault.Name,-48} {Ms(TimeProvider.System.GetElapsedTime(begin, healed)),8} {Ms(longest),10} {Ms(trusted),8} {Ms(fresh),8} {load.Stale - stale,6} {nodes.Truth.Loads - loads,6} {load.Queued - queued,6} {load.Reads - reads,7} {Ms(load.TakeSlowest()),8}");
        Assert.True(trusted < RecoveryLimit && fresh < RecoveryLimit, $"After '{fault.Name}' the nodes needed {trusted} to be trusted and {fresh} to be fresh.");
    }

    /// <summary>Returns the time until each node has applied an invalidation of each other node, in every partition of the log.</summary>
    private static async Task<TimeSpan> FreshEverywhereAsync(NodeGroup nodes, Fault fault)
    {
        var begin = TimeProvider.System.GetTimestamp();
        foreach (var node in nodes.Nodes)
        {
            var receipt = await node.Invalidator.InvalidateTagAsync("probe", cancellationToken: Stop);
            try
            {
                await Eventually.TrueAsync($"after '{fault.Name}' every node has applied an invalidation of {node.ClientName}", () => AppliedAsync(nodes, receipt));
            }
            catch (Exception)
            {
                Print($"receipt: {receipt.State} {receipt.Positions}");
                foreach (var one in nodes.Nodes)
                    Print($"{one.ClientName}: {string.Join(" | ", one.Cache.GetLogState().Partitions.DefaultIfEmpty(one.Cache.GetLogState()))}");
                throw;
            }
        }

        return TimeProvider.System.GetElapsedTime(begin);
    }

    /// <summary>
    /// Returns whether all nodes have applied the record of the receipt. A broken history moves the receipt to another position, so the positions are
    /// read anew each time.
    /// </summary>
    private static async Task<bool> AppliedAsync(NodeGroup nodes, InvalidationReceipt receipt)
    {
        if (receipt.State != ReceiptState.Applied || !nodes.Nodes.All(static n => n.IsTrusted))
            return false;
        try
        {
            foreach (var node in nodes.Nodes)
            {
                if (await node.Cache.WaitForPositionAsync(receipt.Positions, TimeSpan.FromMilliseconds(10), Stop) != PositionStatus.Reached)
                    return false;
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);

    private static void Print(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
