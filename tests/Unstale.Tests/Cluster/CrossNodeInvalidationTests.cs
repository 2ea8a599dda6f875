using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Namespaces, all-of tags and content versions on several nodes with a second level.</summary>
public sealed class CrossNodeInvalidationTests
{
    private readonly Source _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Takers => ["namespace", "outer namespace", "all-of", "all-of with a namespace"];

    [Theory]
    [MemberData(nameof(Takers))]
    public async Task Each_kind_of_invalidation_removes_an_entry_from_every_node_and_the_second_level(string taker)
    {
        await using var cluster = new TestCluster();
        Assert.Equal(CacheOutcome.Load, (await ReadAsync(cluster.A)).Outcome);
        Assert.Equal(CacheOutcome.Remote, (await ReadAsync(cluster.B)).Outcome);
        Assert.Equal(["ns:tenant:42", "ns:tenant:42/carts", "role:admin"], In(cluster.B).Inspect("k")!.Tags);
        _source.Value = "v2";
        await TakeAsync(cluster.A, taker);
        Assert.All(cluster.Nodes, node => Assert.False(In(node).TryGet("k", out string _)));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await ReadAsync(cluster.Add()));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await ReadAsync(cluster.B));
    }

    [Theory]
    [InlineData("ns:tenant:42", "other")]
    [InlineData("ns:tenant:4", "role:admin")]
    public async Task An_all_of_selector_does_not_invalidate_an_entry_without_all_of_its_tags(string one, string other)
    {
        await using var cluster = new TestCluster();
        await ReadAsync(cluster.A);
        await cluster.B.Invalidator.InvalidateAsync(allOf: [one, other], cancellationToken: Stop);
        Assert.Equal(CacheOutcome.Memory, (await ReadAsync(cluster.A)).Outcome);
        Assert.Equal(CacheOutcome.Remote, (await ReadAsync(cluster.B)).Outcome);
    }

    [Fact]
    public async Task A_value_of_another_content_version_is_never_read()
    {
        await using var cluster = new TestCluster(1, o => o.ContentVersion = 1);
        await cluster.A.ReadAsync("filled", _source);
        await cluster.A.Cache.SetAsync("set", "v1", cancellationToken: Stop);
        var (newer, older) = (cluster.Add(o => o.ContentVersion = 2), cluster.Add(o => o.ContentVersion = 0));
        _source.Value = "v2";
        foreach (var key in (string[])["filled", "set"])
        {
            Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await newer.ReadAsync(key, _source));
            Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await cluster.Add(o => o.ContentVersion = 2).ReadAsync(key, _source));
            Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await older.ReadAsync(key, _source));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Entries_of_two_content_versions_coexist_and_are_both_invalidated(bool byTheNew)
    {
        await using var cluster = new TestCluster(1, o => o.ContentVersion = 1);
        var newer = cluster.Add(o => o.ContentVersion = 2);
        string[] ways = ["key", "set", "tag", "everything"];
        foreach (var way in ways)
        {
            await cluster.A.ReadAsync("k", _source, tags: "t");
            await newer.ReadAsync("k", _source, tags: "t");
            Assert.True(cluster.A.Holds("k") && newer.Holds("k"));
            var (raiser, other) = byTheNew ? (newer, cluster.A) : (cluster.A, newer);
            _source.Value = way;
            await (way switch
            {
                "key" => raiser.Cache.RemoveAsync("k", Stop),
                "set" => raiser.Cache.SetAsync("k", way, tags: ["t"], cancellationToken: Stop),
                "tag" => raiser.Cache.RemoveByTagAsync("t", Stop),
                _ => raiser.Cache.RemoveByTagAsync("*", Stop),
            });
            Assert.False(other.Holds("k"));
            Assert.Equal(new CacheResult<string>(way, CacheOutcome.Load), await other.ReadAsync("k", _source, tags: "t"));
            Assert.Equal(way, (await raiser.ReadAsync("k", _source, tags: "t")).Value);
        }
    }

    [Fact]
    public async Task A_load_of_a_new_content_version_waits_for_a_load_of_the_old_version_only_until_its_end()
    {
        await using var cluster = new TestCluster(1, o => o.ContentVersion = 1);
        var newer = cluster.Add(o => o.ContentVersion = 2);
        _source.Hold();
        var old = cluster.A.ReadAsync("k", _source).AsTask();
        await _source.Started;
        var mine = new Source("mine");
        var read = newer.ReadAsync("k", mine).AsTask();
        _source.LetGo();
        await old;
        await Support.Eventually.Ends("the read of the new version", read, () => cluster.Advance(.02));
        Assert.Equal(new CacheResult<string>("mine", CacheOutcome.Load), await read);
    }

    [Fact]
    public async Task InvalidateEverythingAsync_as_the_first_record_of_a_log_makes_the_next_read_a_miss()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", _source);
        await cluster.A.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.All(cluster.Nodes, node => Assert.False(node.Holds("k")));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", _source)).Outcome);
        await cluster.B.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", _source)).Outcome);
    }

    private static CacheNamespace In(ClusterNode node) => node.Cache.Namespace("tenant:42").Namespace("carts");

    private ValueTask<CacheResult<string>> ReadAsync(ClusterNode node) =>
        In(node).GetOrCreateResultAsync("k", _source, static (s, _, token) => s.LoadAsync(token), tags: ["role:admin"], cancellationToken: Stop);

    private static async Task TakeAsync(ClusterNode node, string taker)
    {
        if (taker == "namespace")
            await In(node).InvalidateAsync(cancellationToken: Stop);
        else if (taker == "outer namespace")
            await node.Cache.Namespace("tenant:42").InvalidateAsync(cancellationToken: Stop);
        else if (taker == "all-of")
            await node.Invalidator.InvalidateAsync(allOf: ["role:admin", "ns:tenant:42"], cancellationToken: Stop);
        else
            await node.Invalidator.InvalidateAsync(allOf: [In(node).Tag, "role:admin"], cancellationToken: Stop);
    }
}
