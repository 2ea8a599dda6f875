using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Reads and fills of the second level in progress during an invalidation.</summary>
public sealed class RemoteRaceTests
{
    public static TheoryData<string, bool> Ways => new()
    {
        { "key", true }, { "tag", true }, { "glob", true }, { "everything", true },
        { "key", false }, { "tag", false }, { "glob", false }, { "everything", false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_remote_read_that_an_invalidation_overtakes_is_neither_kept_nor_served_to_later_reads(string by, bool raisedHere)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "t");
        var hold = cluster.B.Faults.HoldNext(ServerScript.Get, afterwards: true);
        var early = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        await hold.Reached;
        source.Value = "v2";
        await InvalidateAsync(raisedHere ? cluster.B : cluster.A, by);
        var late = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        hold.Release();
        Assert.Equal("v2", (await Eventually.Ends("the later read ends", late, () => cluster.Advance(.02))).Value);
        await Eventually.Ends("the earlier read ends", early, () => cluster.Advance(.02));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "t")).Value);
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_load_that_an_invalidation_overtakes_reaches_neither_level(string by, bool raisedHere)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        source.Hold();
        var early = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        await source.Started;
        source.Value = "v2";
        await InvalidateAsync(raisedHere ? cluster.B : cluster.A, by);
        source.LetGo();
        await Eventually.Ends("the load ends", early);
        Assert.False(cluster.B.Holds("k"));
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count == 0));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_load_on_its_way_to_the_second_level_is_refused_there(string by, bool raisedHere)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        var hold = cluster.B.Faults.HoldNext(ServerScript.Load);
        await cluster.B.ReadAsync("k", source, tags: "t");
        await hold.Reached;
        await InvalidateAsync(raisedHere ? cluster.B : cluster.A, by);
        source.Value = "v2";
        hold.Release();
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count == 0));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    [Fact]
    public async Task A_reader_that_waits_for_the_lease_of_another_node_gets_no_invalidated_value()
    {
        await using var cluster = new TestCluster();
        var first = new Source("old");
        first.Hold();
        var early = cluster.A.ReadAsync("k", first, tags: "t").AsTask();
        await first.Started;
        var source = new Source("new");
        var waiting = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        await InvalidateAsync(cluster.A, "tag");
        first.LetGo();
        await early;
        Assert.Equal("new", (await Eventually.Ends("the waiting read ends", waiting, () => cluster.Advance(.02))).Value);
        Assert.Equal("new", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    [Fact]
    public async Task The_second_level_is_not_read_while_an_invalidation_is_pending()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "t");
        var hold = cluster.B.Faults.HoldNext(ServerScript.Append);
        source.Value = "v2";
        var invalidation = cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: TestContext.Current.CancellationToken).AsTask();
        await hold.Reached;
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("k", source, tags: "t"));
        Assert.False(cluster.B.Holds("k"));
        hold.Release();
        await Eventually.Ends("the invalidation is applied", invalidation);
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, tags: "t")).Value);
    }

    private static async Task InvalidateAsync(ClusterNode node, string by)
    {
        var stop = TestContext.Current.CancellationToken;
        _ = by switch
        {
            "key" => await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: stop),
            "tag" => await node.Invalidator.InvalidateTagAsync("t", cancellationToken: stop),
            "glob" => await node.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: stop),
            _ => await node.Invalidator.InvalidateEverythingAsync(cancellationToken: stop),
        };
    }
}
