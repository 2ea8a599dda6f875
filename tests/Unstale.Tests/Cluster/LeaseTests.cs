using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

public sealed class LeaseTests
{
    [Fact]
    public async Task A_hundred_readers_over_three_nodes_of_a_cold_key_load_it_once()
    {
        await using var cluster = new TestCluster(3);
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 100).Select(i => cluster.Nodes[i % 3].ReadAsync("k", source).AsTask()).ToArray();
        await source.Started;
        cluster.Advance(1);
        source.LetGo();
        var results = await Eventually.Ends("all readers have the value", Task.WhenAll(reads), () => cluster.Advance(.02));
        Assert.All(results, r => Assert.Equal("v1", r.Value));
        Assert.Equal(1, source.Loads);
        Assert.Equal(2, cluster.Nodes.Sum(n => n.Cache.GetStatistics().RemoteHits));
    }

    [Fact]
    public async Task A_holder_that_dies_delays_others_by_two_seconds_at_the_most()
    {
        await using var cluster = new TestCluster();
        var dead = new Source();
        dead.Hold();
        _ = cluster.A.ReadAsync("k", dead).AsTask();
        await dead.Started;
        var source = new Source();
        var read = cluster.B.ReadAsync("k", source).AsTask();
        cluster.Advance(1.9);
        Assert.Equal(0, source.Loads);
        var result = await Eventually.Ends("the other node loads by itself", read, () => cluster.Advance(.02));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Fill), result);
        Assert.InRange(cluster.Clock.GetUtcNow() - cluster.Clock.Start, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.2));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        dead.LetGo();
    }

    [Fact]
    public async Task A_factory_that_fails_gives_the_lease_back()
    {
        await using var cluster = new TestCluster();
        var stop = TestContext.Current.CancellationToken;
        await Assert.ThrowsAsync<TimeoutException>(async () =>
            await cluster.A.Cache.GetOrCreateAsync<string>("k", static _ => throw new TimeoutException(), cancellationToken: stop));
        await AssertLeaseIsFree(cluster);
    }

    [Fact]
    public async Task A_value_that_is_not_to_be_stored_gives_the_lease_back()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.GetWithInfoAsync("k", DoNotStore, cancellationToken: TestContext.Current.CancellationToken);
        await AssertLeaseIsFree(cluster);

        static ValueTask<string> DoNotStore(FillContext fill, CancellationToken token)
        {
            fill.DoNotStore();
            return new("v");
        }
    }

    [Fact]
    public async Task A_value_that_memory_refuses_gives_the_lease_back()
    {
        await using var cluster = new TestCluster();
        await ReadWhileTheTagIsInvalidatedAsync(cluster);
        await AssertLeaseIsFree(cluster);
    }

    [Fact]
    public async Task A_fill_that_the_second_level_refuses_gives_the_lease_back()
    {
        await using var cluster = new TestCluster();
        cluster.A.Faults.DropsPushes = true;
        await ReadWhileTheTagIsInvalidatedAsync(cluster);
        await AssertLeaseIsFree(cluster);
    }

    [Fact]
    public async Task A_lease_request_whose_reply_is_lost_loads_without_the_second_level()
    {
        await using var cluster = new TestCluster();
        cluster.A.Faults.LosesReplies = s => s == ServerScript.Lease;
        var source = new Source();
        Assert.Equal(CacheOutcome.Fill, (await cluster.A.ReadAsync("k", source)).Outcome);
        Assert.True(cluster.A.Holds("k"));
        Assert.Empty(cluster.Server.Read(d => d.Values));
    }

    private static async Task ReadWhileTheTagIsInvalidatedAsync(TestCluster cluster)
    {
        var source = new Source();
        source.Hold();
        var read = cluster.A.ReadAsync("k", source, tags: "t").AsTask();
        await source.Started;
        await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: TestContext.Current.CancellationToken);
        source.LetGo();
        await read;
    }

    private static async Task AssertLeaseIsFree(TestCluster cluster)
    {
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count == 0));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.Equal(CacheOutcome.Fill, (await cluster.B.ReadAsync("k", new Source())).Outcome);
        Assert.Single(cluster.Server.Read(d => d.Values));
    }
}
