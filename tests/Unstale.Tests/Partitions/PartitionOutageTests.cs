using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Partitions;

/// <summary>Trust, confirmations and waits of each partition are separate.</summary>
public sealed class PartitionOutageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unavailable_partition_makes_only_its_own_keys_untrusted()
    {
        await using var cluster = new PartitionedCluster();
        var source = new Source();
        var keys = Enumerable.Range(0, 4).Select(partition => cluster.KeysOf(partition)[0]).ToArray();
        foreach (var key in keys)
            await cluster.A.ReadAsync(key, source);
        cluster.Servers[2].Faults.Refuses = static _ => true;
        for (var i = 0; i < 60; i++)
            cluster.Advance(.1);

        var state = cluster.A.Cache.GetLogState();
        Assert.False(state.IsTrusted);
        Assert.Equal([true, true, false, true], state.Partitions.Select(static partition => partition.IsTrusted));
        source.Value = "v2";
        Assert.Equal(["v1", "v1", "v2", "v1"], await ReadAllAsync(cluster.A, keys, source));
        cluster.Servers[2].Faults.Clear();
        await Eventually.Holds("all partitions are trusted again", () => cluster.A.Cache.GetLogState().IsTrusted, () => cluster.Advance(.1));
    }

    [Fact]
    public async Task A_tag_is_in_force_locally_and_in_the_reachable_partitions_while_one_partition_is_unavailable()
    {
        await using var cluster = new PartitionedCluster();
        var source = new Source();
        var keys = Enumerable.Range(0, 4).Select(partition => cluster.KeysOf(partition)[0]).ToArray();
        foreach (var node in cluster.Nodes)
            await ReadAllAsync(node, keys, source, "t");
        cluster.Servers[1].Faults.Refuses = static _ => true;
        source.Value = "v2";
        var raising = cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        var receipt = await Eventually.Ends("the caller does not wait for ever", raising, () => cluster.Advance(.05));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.Throws<InvalidOperationException>(() => receipt.Positions);
        Assert.Equal(1, cluster.A.Cache.GetLogState().Queued);
        Assert.All(keys, key => Assert.False(cluster.A.Holds(key)));
        Assert.Equal([false, true, false, false], keys.Select(cluster.B.Holds)); // the bound has not passed on the other node

        cluster.Servers[1].Faults.Clear();
        await Eventually.Holds("the partition has taken it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
        Assert.Equal([0, 1, 2, 3], receipt.Positions.Select(static position => position.Partition));
        Assert.False(cluster.B.Holds(keys[1]));
        Assert.Equal(["v2", "v2", "v2", "v2"], await ReadAllAsync(cluster.B, keys, source, "t"));
    }

    [Fact]
    public async Task Positions_of_a_session_are_waited_for_in_each_partition()
    {
        await using var cluster = new PartitionedCluster();
        foreach (var client in cluster.B.Clients)
            client.Session.HoldsPushes = true;
        var receipt = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var text = receipt.Positions.ToString();
        Assert.Equal(PositionStatus.Reached, await WaitAsync(cluster, text)); // requests a tail, because there are no pushes
        Assert.Equal(receipt.Positions, cluster.B.Cache.GetLogState().Positions);

        var next = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        cluster.B.Clients[3].Faults.Refuses = static _ => true;
        Assert.Equal(PositionStatus.NotYet, await WaitAsync(cluster, next.Positions.ToString()));
        Assert.Equal(PositionStatus.Reached, await WaitAsync(cluster, text));
        var other = next.Position with { Partition = 4 };
        Assert.Equal(PositionStatus.Unknown, await WaitAsync(cluster, other.ToString()));
        var above = next.Positions.First() with { Sequence = 99 };
        Assert.Equal(PositionStatus.Unknown, await WaitAsync(cluster, above.ToString()));
    }

    [Fact]
    public async Task WaitForAllNodes_waits_for_every_partition_of_the_invalidation_and_for_no_other()
    {
        await using var cluster = new PartitionedCluster();
        for (var i = 0; i < 80; i++)
            cluster.Advance(.1);
        var receipt = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Ends("every node has applied it", receipt.WaitForAllNodesAsync(Stop).AsTask());

        cluster.B.Clients[2].Faults.Refuses = static _ => true;
        cluster.B.Clients[2].Faults.DropsPushes = true;
        receipt = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var everywhere = receipt.WaitForAllNodesAsync(Stop).AsTask();
        for (var i = 0; i < 20; i++)
            cluster.Advance(.1);
        Assert.False(everywhere.IsCompleted);
        await Eventually.Ends("the node may serve it no longer", everywhere, () => cluster.Advance(.1));
        var untouched = await cluster.A.Invalidator.InvalidateKeyAsync(cluster.KeysOf(0)[0], cancellationToken: Stop);
        await Eventually.Ends("another partition is not waited for", untouched.WaitForAllNodesAsync(Stop).AsTask());
    }

    [Fact]
    public async Task A_broken_history_resets_only_its_own_partition()
    {
        await using var cluster = new PartitionedCluster();
        var keys = Enumerable.Range(0, 4).Select(partition => cluster.KeysOf(partition)[0]).ToArray();
        await ReadAllAsync(cluster.A, keys, new Source());
        cluster.Servers[3].RestartWithoutData();
        await Eventually.Holds("the partition has another history", () => cluster.A.Cache.GetLogState().Partitions[3].Generations == 1, () => cluster.Advance(.1));
        Assert.Equal([true, true, true, false], keys.Select(cluster.A.Holds));
        Assert.Equal(1, cluster.A.Cache.GetLogState().Generations);
    }

    private static async Task<PositionStatus> WaitAsync(PartitionedCluster cluster, string positions) =>
        await Eventually.Ends("the wait ends", cluster.B.Cache.WaitForPositionAsync(positions, cancellationToken: Stop).AsTask(), () => cluster.Advance(.05));

    private static async Task<string[]> ReadAllAsync(PartitionedNode node, string[] keys, Source source, params string[] tags)
    {
        var values = new List<string>();
        foreach (var key in keys)
            values.Add((await node.ReadAsync(key, source, tags)).Value);
        return [.. values];
    }
}
