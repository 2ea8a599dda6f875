using Unstale.Tests.Cluster;
using Unstale.Tests.Partitions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Telemetry;

/// <summary>Tags that a node invalidated and nothing on the node carried.</summary>
public sealed class UnmatchedTagTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_tags_that_no_entry_carries_are_counted_and_listed_newest_first()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", tags: ["carried", "other"], cancellationToken: Stop);

        await test.Invalidator.InvalidateTagAsync("carried", cancellationToken: Stop);
        await test.Invalidator.InvalidateTagAsync("misspelt", cancellationToken: Stop);
        await test.Invalidator.InvalidateAsync(["no key"], ["other", "older", "misspelt"], cancellationToken: Stop);
        await test.Invalidator.InvalidatePatternAsync(new GlobPattern("nothing:*"), cancellationToken: Stop);

        AssertUnmatched(test.Cache, 3, "misspelt", "older");
    }

    [Fact]
    public async Task A_tag_of_a_running_load_is_carried()
    {
        await using var test = new CacheUnderTest();
        var source = new Source();
        source.Hold();
        var read = test.Cache.GetOrCreateAsync("k", source, static (s, token) => s.LoadAsync(token), tags: ["t"], cancellationToken: Stop).AsTask();
        await source.Started;

        await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        AssertUnmatched(test.Cache, 0);
        source.LetGo();
        await read;
    }

    [Fact]
    public async Task The_list_has_the_newest_32_tags()
    {
        await using var test = new CacheUnderTest();
        for (var i = 0; i < 40; i++)
            await test.Invalidator.InvalidateTagAsync($"t{i}", cancellationToken: Stop);

        AssertUnmatched(test.Cache, 40, [.. Enumerable.Range(8, 32).Reverse().Select(static i => $"t{i}")]);
    }

    [Fact]
    public async Task Each_node_counts_its_own_invalidations_once()
    {
        await using var cluster = new TestCluster(withRemote: false);
        await Eventually.Holds("the nodes are trusted", () => cluster.A.IsTrusted && cluster.B.IsTrusted);
        await cluster.A.ReadAsync("k", new Source(), null, "t");

        var receipt = await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await cluster.A.Invalidator.InvalidateTagAsync("u", cancellationToken: Stop);
        await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("both nodes have all records", () => cluster.Nodes.All(node => node.Position.Sequence == receipt.Position.Sequence + 2));

        AssertUnmatched(cluster.A.Cache, 1, "u");
        AssertUnmatched(cluster.B.Cache, 1, "t");
    }

    [Fact]
    public async Task A_record_that_is_appended_again_to_a_new_history_is_not_counted_again()
    {
        await using var cluster = new TestCluster(nodes: 1, withRemote: false);
        var node = cluster.A;
        await Eventually.Holds("the node is trusted", () => node.IsTrusted);
        await node.ReadAsync("k", new Source(), null, "t");
        await node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.Holds("the entry is swept", () => node.Cache.GetStatistics().Entries == 0, () => cluster.Advance(0.1));
        var generation = node.Position.Generation;

        cluster.Server.RestartWithoutData();
        await Eventually.Holds("the node follows a new history and has replayed", () => node.IsTrusted && node.Position.Generation != generation && node.Position.Sequence > 0, () => cluster.Advance(1.1));

        AssertUnmatched(node.Cache, 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_tag_carried_in_any_partition_is_carried(int partitions)
    {
        await using var cluster = new PartitionedCluster(partitions);
        var node = cluster.A;
        await Eventually.Holds("the node is trusted", () => node.Cache.GetLogState().IsTrusted);
        await node.Cache.SetAsync("k", "v", tags: ["t", "u"], cancellationToken: Stop);

        await node.Cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await node.Cache.Invalidator.InvalidateAsync(tags: ["u", "misspelt"], cancellationToken: Stop);

        AssertUnmatched(node.Cache, 1, "misspelt");
    }

    private static void AssertUnmatched(UnstaleCache cache, int count, params string[] tags)
    {
        var statistics = cache.GetStatistics();
        Assert.Equal(count, statistics.UnmatchedInvalidations);
        Assert.Equal(tags, statistics.UnmatchedTags);
    }
}
