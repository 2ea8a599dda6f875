using Xunit;

namespace Unstale.Tests.Cluster;

public sealed class CoherenceTests
{
    public static TheoryData<string> Means => ["key", "tag", "glob", "regex", "everything"];

    [Fact]
    public async Task A_value_loaded_on_one_node_is_a_remote_hit_on_another()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Load), await cluster.A.ReadAsync("k", source));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source));
        Assert.Equal(1, source.Loads);
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_value_invalidated_on_one_node_is_gone_from_every_node_and_the_second_level(string by)
    {
        await using var cluster = new TestCluster(3);
        var source = new Source();
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("user:1", source, tags: "t");
        source.Value = "v2";
        var receipt = await InvalidateAsync(cluster.A, by);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("user:1")));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("user:1", source, tags: "t"));
        Assert.Equal("v2", (await cluster.A.ReadAsync("user:1", source, tags: "t")).Value);
        Assert.Equal("v2", (await cluster.Nodes[2].ReadAsync("user:1", source, tags: "t")).Value);
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_new_node_finds_no_invalidated_value_in_the_second_level(string by)
    {
        await using var cluster = new TestCluster(1);
        var source = new Source();
        await cluster.A.ReadAsync("user:1", source, tags: "t");
        await InvalidateAsync(cluster.A, by);
        source.Value = "v2";
        var late = cluster.Add();
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await late.ReadAsync("user:1", source, tags: "t"));
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_value_loaded_after_the_invalidation_replaces_the_old_value_in_the_second_level(string by)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("user:1", source, tags: "t");
        await InvalidateAsync(cluster.B, by);
        source.Value = "v2";
        await cluster.A.ReadAsync("user:1", source, tags: "t");
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await cluster.B.ReadAsync("user:1", source, tags: "t"));
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task A_pattern_does_not_invalidate_a_remote_value_with_another_key()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("user:1", source);
        await cluster.A.Invalidator.InvalidatePatternAsync(new GlobPattern("order:*"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("user:1", source)).Outcome);
        Assert.Equal(CacheOutcome.Memory, (await cluster.A.ReadAsync("user:1", source)).Outcome);
    }

    [Fact]
    public async Task Tags_added_by_the_factory_are_stored_with_the_value_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        var stop = TestContext.Current.CancellationToken;
        ValueTask<string> Load(LoadContext load, CancellationToken token)
        {
            load.AddTag("late");
            return new("v");
        }

        await cluster.A.Cache.GetOrCreateResultAsync("k", Load, tags: ["t"], cancellationToken: stop);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.Cache.GetOrCreateResultAsync("k", Load, tags: ["t"], cancellationToken: stop)).Outcome);
        Assert.Equal(["late", "t"], cluster.B.Cache.Inspect("k")!.Tags.Order(StringComparer.Ordinal));
        await cluster.A.Invalidator.InvalidateTagAsync("late", cancellationToken: stop);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.Cache.GetOrCreateResultAsync("k", Load, tags: ["t"], cancellationToken: stop)).Outcome);
    }

    [Fact]
    public async Task A_mutable_value_comes_as_a_copy_from_either_level()
    {
        await using var cluster = new TestCluster();
        var stop = TestContext.Current.CancellationToken;
        ValueTask<List<int>> Load(CancellationToken token) => new([1, 2]);
        var loaded = await cluster.A.Cache.GetOrCreateAsync("k", Load, cancellationToken: stop);
        loaded.Add(3);
        foreach (var node in new[] { cluster.B, cluster.B, cluster.A })
        {
            var copy = await node.Cache.GetOrCreateAsync("k", Load, cancellationToken: stop);
            Assert.Equal([1, 2], copy);
            copy.Clear();
        }

        Assert.Equal(1, cluster.B.Cache.GetStatistics().RemoteHits);
    }

    private static ValueTask<InvalidationReceipt> InvalidateAsync(ClusterNode node, string by)
    {
        var stop = TestContext.Current.CancellationToken;
        return by switch
        {
            "key" => node.Invalidator.InvalidateKeyAsync("user:1", cancellationToken: stop),
            "tag" => node.Invalidator.InvalidateTagAsync("t", cancellationToken: stop),
            "glob" => node.Invalidator.InvalidatePatternAsync(new GlobPattern("user:*"), cancellationToken: stop),
            "regex" => node.Invalidator.InvalidatePatternAsync(new RegexPattern(@"user:\d+"), cancellationToken: stop),
            _ => node.Invalidator.InvalidateEverythingAsync(cancellationToken: stop),
        };
    }
}
