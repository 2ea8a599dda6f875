using Unstale.Log;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Partitions;

/// <summary>A log whose keys are spread over several partitions.</summary>
public sealed class PartitionTests
{
    private const int Keys = 32;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Means => ["key", "tag", "glob", "regex", "all of", "everything", "batch"];

    [Fact]
    public void The_partition_of_a_key_is_part_of_the_format() => Assert.Equal(
        [("", 2), ("user:1", 4), ("user:2", 3), ("ключ", 3), ("product:4711:price", 0)],
        new[] { "", "user:1", "user:2", "ключ", "product:4711:price" }.Select(static key => (key, KeyPartition.ForKey(key, 5))));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(256)]
    public void Keys_are_spread_evenly(int partitions)
    {
        var counts = new int[partitions];
        for (var i = 0; i < 1000 * partitions; i++)
            counts[KeyPartition.ForKey($"product:{i}", partitions)]++;
        Assert.All(counts, static count => Assert.InRange(count, 850, 1150));
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task An_invalidation_on_one_node_reaches_the_entries_of_every_partition_on_every_node(string by)
    {
        await using var cluster = new PartitionedCluster(nodes: 3);
        var source = new Source();
        var keys = Enumerable.Range(0, Keys).Select(static i => $"k:{i}").ToArray();
        Assert.Equal(4, keys.Select(cluster.PartitionOf).Distinct().Count());
        foreach (var node in cluster.Nodes)
        {
            foreach (var key in keys)
                await node.ReadAsync(key, source, "t", "u");
        }

        Assert.Equal(Keys, source.Loads); // the other nodes read the second level
        source.Value = "v2";
        await InvalidateAsync(cluster.A, by, keys);
        foreach (var node in cluster.Nodes)
        {
            Assert.All(keys, key => Assert.False(node.Holds(key)));
            foreach (var key in keys)
                Assert.Equal("v2", (await node.ReadAsync(key, source, "t", "u")).Value);
        }

        Assert.Equal(2 * Keys, source.Loads);
    }

    [Fact]
    public async Task A_key_is_one_record_and_a_tag_one_in_each_partition_under_one_receipt()
    {
        await using var cluster = new PartitionedCluster();
        var key = cluster.KeysOf(2)[0];
        var one = await cluster.A.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
        Assert.Equal([0, 0, 1, 0], cluster.Records);
        Assert.Equal([2], one.Positions.Select(static position => position.Partition));
        Assert.Equal(one.Positions.Single(), one.Position);

        var all = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal([1, 1, 2, 1], cluster.Records);
        Assert.Equal([(0, 1L), (1, 1L), (2, 2L), (3, 1L)], all.Positions.Select(static position => (position.Partition, position.Sequence)));
        Assert.Equal(all.Positions, LogPositions.Parse(all.Positions.ToString()));
        Assert.Equal(all.Positions, cluster.A.Cache.GetLogState().Positions);

        var both = await cluster.A.Invalidator.InvalidateAsync([key, cluster.KeysOf(0)[0]], cancellationToken: Stop);
        Assert.Equal([2, 1, 3, 1], cluster.Records);
        Assert.Equal([0, 2], both.Positions.Select(static position => position.Partition));
    }

    [Fact]
    public async Task Entries_removed_by_an_invalidation_are_counted_over_all_partitions()
    {
        await using var cluster = new PartitionedCluster();
        var keys = Enumerable.Range(0, Keys).Select(static i => $"k:{i}").ToArray();
        foreach (var key in keys)
            await cluster.A.ReadAsync(key, new Source(), "t");
        Assert.Equal(Keys, cluster.A.Cache.GetStatistics().Entries);
        var named = await cluster.A.Invalidator.InvalidateAsync(keys[..8], cancellationToken: Stop);
        Assert.Equal(8, named.LocalEntriesRemoved);
        var tag = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var swept = tag.WaitForReclaimAsync(Stop).AsTask();
        await Eventually.Ends("all partitions are swept", swept, () => cluster.Advance(.2));
        Assert.Equal(Keys - 8, await swept);
    }

    [Fact]
    public async Task A_set_value_is_stored_in_the_partition_of_its_key()
    {
        await using var cluster = new PartitionedCluster();
        var key = cluster.KeysOf(3)[0];
        await cluster.A.Cache.SetAsync(key, "set", cancellationToken: Stop);
        Assert.Equal([0, 0, 0, 1], cluster.Records);
        Assert.Equal(new CacheResult<string>("set", CacheOutcome.Remote), await cluster.B.ReadAsync(key, new Source()));
        var written = await cluster.B.Cache.WriteThroughAsync(key, "written", new SourceVersion(7), cancellationToken: Stop);
        Assert.Equal([3], written.Positions.Select(static position => position.Partition));
        Assert.False(cluster.A.Holds(key));
        var below = await cluster.A.Cache.InvalidateUpToVersionAsync(key, new SourceVersion(9), Stop);
        Assert.Equal([0, 0, 0, 3], cluster.Records);
        Assert.Equal(3, below.Position.Partition);
    }

    [Fact]
    public async Task A_scope_raises_one_record_in_each_partition_that_it_concerns_and_holds_back_its_keys_until_then()
    {
        await using var cluster = new PartitionedCluster();
        var (one, two) = (cluster.KeysOf(1)[0], cluster.KeysOf(2)[0]);
        await cluster.A.ReadAsync(one, new Source());
        await cluster.A.ReadAsync(two, new Source());
        InvalidationReceipt receipt;
        using (var scope = cluster.A.Invalidator.BeginScope())
        {
            receipt = await cluster.A.Invalidator.InvalidateKeyAsync(one, cancellationToken: Stop);
            await cluster.A.Invalidator.InvalidateKeyAsync(two, cancellationToken: Stop);
            Assert.Equal([0, 0, 0, 0], cluster.Records);
            Assert.False(cluster.A.Holds(one) || cluster.A.Holds(two));
            await scope.CompleteAsync(Stop);
        }

        Assert.Equal([0, 1, 1, 0], cluster.Records);
        Assert.Equal([1, 2], receipt.Positions.Select(static position => position.Partition));
        Assert.False(cluster.A.Holds(one) || cluster.A.Holds(two));
    }

    [Fact]
    public async Task More_than_10000_targets_are_everything_in_every_partition()
    {
        await using var cluster = new PartitionedCluster();
        await cluster.B.ReadAsync("other", new Source());
        var receipt = await cluster.A.Invalidator.InvalidateAsync(Enumerable.Range(0, 10_001).Select(static i => $"k:{i}"), cancellationToken: Stop);
        Assert.Equal([1, 1, 1, 1], cluster.Records);
        Assert.Equal(4, receipt.Positions.Count);
        Assert.False(cluster.B.Holds("other"));
    }

    [Fact]
    public async Task The_bound_on_entries_belongs_to_the_whole_cache()
    {
        await using var cluster = new PartitionedCluster(configure: static o => o.MaximumEntries = 40);
        for (var i = 0; i < 1000; i++)
            await cluster.A.ReadAsync($"k:{i}", new Source());
        Assert.Equal(40, cluster.A.Cache.GetStatistics().Entries);
    }

    private static async Task InvalidateAsync(PartitionedNode node, string by, string[] keys)
    {
        _ = by switch
        {
            "key" => await node.Invalidator.InvalidateAsync(keys, cancellationToken: Stop),
            "tag" => await node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop),
            "glob" => await node.Invalidator.InvalidatePatternAsync(new GlobPattern("k:*"), cancellationToken: Stop),
            "regex" => await node.Invalidator.InvalidatePatternAsync(new RegexPattern("^k:[0-9]+$"), cancellationToken: Stop),
            "all of" => await node.Invalidator.InvalidateAsync(allOf: ["t", "u"], cancellationToken: Stop),
            "everything" => await node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop),
            _ => await FlushedAsync(node, keys),
        };
    }

    private static async Task<InvalidationReceipt> FlushedAsync(PartitionedNode node, string[] keys)
    {
        var receipt = node.Invalidator.InvalidateLater(keys);
        await node.Invalidator.FlushAsync(Stop);
        return receipt;
    }
}
