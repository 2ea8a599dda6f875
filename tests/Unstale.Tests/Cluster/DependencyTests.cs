using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Values derived from entries on one node, as other nodes see them.</summary>
public sealed class DependencyTests
{
    private readonly Source _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Means => ["key", "set", "tag", "glob", "regex", "everything"];

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_value_of_the_second_level_contains_its_dependencies(string by)
    {
        await using var cluster = new TestCluster();
        await MakeAsync(cluster.A);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await MakeAsync(cluster.B));
        Assert.Equal(["b"], cluster.B.Cache.Inspect("a")!.Dependencies);
        Assert.Equal(["t"], cluster.B.Cache.Inspect("a")!.Tags);
        _source.Value = "v2";
        await InvalidateAsync(cluster.A, by);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("a"), "made from b"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await MakeAsync(cluster.Add()));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await MakeAsync(cluster.B));
    }

    [Theory]
    [MemberData(nameof(Means))]
    public async Task A_new_node_finds_no_value_derived_from_an_invalidated_one(string by)
    {
        await using var cluster = new TestCluster(1);
        await MakeAsync(cluster.A);
        await InvalidateAsync(cluster.A, by);
        _source.Value = "v2";
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await MakeAsync(cluster.Add()));
    }

    [Fact]
    public async Task A_value_that_depends_on_any_record_is_invalidated_on_every_node_and_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        ValueTask<CacheResult<string>> Many(ClusterNode node) => node.Cache.GetOrCreateResultAsync(
            "many",
            async (_, token) =>
            {
                for (var i = 0; i < 600; i++)
                    await node.Cache.GetOrCreateAsync($"b{i}", static _ => new ValueTask<string>("v"), cancellationToken: token);
                return _source.Value;
            },
            cancellationToken: Stop);
        await Many(cluster.A);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await Many(cluster.B));
        Assert.True(cluster.B.Cache.Inspect("many")!.DependsOnAnyRecord);
        _source.Value = "v2";
        await cluster.A.Cache.RemoveAsync("b599", Stop);
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("many"), "made from it"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await Many(cluster.Add()));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await Many(cluster.B));
    }

    [Fact]
    public async Task A_remote_value_read_inside_a_factory_adds_its_tags_and_dependencies_to_the_loaded_value()
    {
        await using var cluster = new TestCluster();
        await MakeAsync(cluster.A);
        await cluster.B.Cache.GetOrCreateAsync("outer", async token => (await MakeAsync(cluster.B)).Value, cancellationToken: Stop);
        Assert.Equal(["a", "b"], cluster.B.Cache.Inspect("outer")!.Dependencies.Order(StringComparer.Ordinal));
        Assert.Equal(["t"], cluster.B.Cache.Inspect("outer")!.Tags);
        await cluster.A.Cache.RemoveAsync("b", Stop);
        Assert.False(cluster.B.Holds("outer"));
    }

    [Fact]
    public async Task A_derived_value_is_invalid_while_the_removal_of_its_dependency_is_pending()
    {
        await using var cluster = new TestCluster();
        await MakeAsync(cluster.A);
        cluster.A.Break("never answered");
        var removing = cluster.A.Cache.RemoveAsync("b", Stop).AsTask();
        Assert.Equal(EntryState.Invalidated, cluster.A.Cache.Inspect("a")!.State);
        Assert.False(cluster.A.Holds("a"), "in force here at once");
        cluster.A.Heal();
        await Eventually.Ends("the removal is written", removing, () => cluster.Advance(.5));
        Assert.False(cluster.A.Holds("a"));
    }

    [Fact]
    public async Task A_new_history_invalidates_derived_values()
    {
        await using var cluster = new TestCluster();
        await MakeAsync(cluster.A);
        await MakeAsync(cluster.B);
        cluster.Server.RestartWithoutData();
        _source.Value = "v2";
        await Eventually.Holds("both are trusted again", () => cluster.Nodes.All(n => n.IsTrusted), () => cluster.Advance(.5));
        Assert.Equal("v2", (await MakeAsync(cluster.B)).Value);
        await cluster.A.Cache.RemoveAsync("b", Stop);
        _source.Value = "v3";
        Assert.Equal("v3", (await MakeAsync(cluster.B)).Value);
        Assert.Equal("v3", (await MakeAsync(cluster.A)).Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Direct_dependents_are_the_same_on_every_node_and_in_the_second_level(bool recursive)
    {
        await using var cluster = new TestCluster();
        foreach (var node in cluster.Nodes)
        {
            node.Cache.Rules.AddDependency("b", "a");
            node.Cache.Rules.AddDependency("c", "b");
            foreach (var key in new[] { "a", "b", "c" })
                await node.ReadAsync(key, _source);
        }

        var receipt = await cluster.A.Invalidator.InvalidateWithDependentsAsync("a", recursive, cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, await cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
        Assert.All(cluster.Nodes, n => Assert.Equal((false, false, !recursive), (n.Holds("a"), n.Holds("b"), n.Holds("c"))));
        var later = cluster.Add();
        Assert.Equal(recursive ? CacheOutcome.Load : CacheOutcome.Remote, (await later.ReadAsync("c", _source)).Outcome);
        Assert.Equal(CacheOutcome.Load, (await later.ReadAsync("b", _source)).Outcome);
        await cluster.A.Invalidator.InvalidateKeyAsync("a", cancellationToken: Stop);
        Assert.All(cluster.Nodes.Append(later), n => Assert.False(n.Holds("c")));
    }

    private ValueTask<CacheResult<string>> MakeAsync(ClusterNode node) =>
        node.Cache.GetOrCreateResultAsync("a", async (_, _) => (await node.ReadAsync("b", _source, tags: "t")).Value, cancellationToken: Stop);

    private static async Task InvalidateAsync(ClusterNode node, string by)
    {
        if (by == "set")
            await node.Cache.SetAsync("b", "v2", tags: ["t"], cancellationToken: Stop);
        else if (by == "everything")
            await node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        else if (by is "glob" or "regex")
            await node.Invalidator.InvalidatePatternAsync(by == "glob" ? new GlobPattern("b*") : new RegexPattern("^b$"), cancellationToken: Stop);
        else
            await node.Invalidator.InvalidateAsync(by == "key" ? ["b"] : [], by == "tag" ? ["t"] : [], cancellationToken: Stop);
    }
}
