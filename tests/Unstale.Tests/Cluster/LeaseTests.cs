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

    [Theory]
    [InlineData(3)]
    [InlineData(11)]
    [InlineData(29)]
    public async Task A_long_load_runs_on_one_node_and_its_value_reaches_the_others(double seconds)
    {
        await using var cluster = new TestCluster(4);
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 20).Select(i => cluster.Nodes[i % 4].ReadAsync("k", source).AsTask()).ToArray();
        await source.Started;
        for (var passed = 0.0; passed < seconds; passed += .5)
        {
            cluster.Advance(.5);
            await SettledAsync();
        }

        Assert.Equal((1, 1), (source.Loads, cluster.Server.Read(d => d.Leases.Count)));
        source.LetGo();
        await Eventually.Ends("all readers have the value", Task.WhenAll(reads), () => cluster.Advance(.02));
        Assert.Equal(1, source.Loads);
        Assert.Equal(CacheOutcome.Remote, (await cluster.Add().ReadAsync("k", source)).Outcome);
    }

    [Fact]
    public async Task An_invalidation_permanently_ends_a_renewed_lease()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        source.Hold();
        var read = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        cluster.Advance(2);
        await cluster.B.Invalidator.InvalidateKeyAsync("k", cancellationToken: TestContext.Current.CancellationToken);
        cluster.Advance(2);
        await SettledAsync();
        Assert.Empty(cluster.Server.Read(d => d.Leases));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", new Source("v2"))).Outcome);
        source.LetGo();
        await read;
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Remote), await cluster.Add().ReadAsync("k", source));
    }

    [Fact]
    public async Task A_holder_that_dies_delays_others_until_its_lease_ends()
    {
        await using var cluster = new TestCluster();
        var dead = new Source();
        dead.Hold();
        _ = cluster.A.ReadAsync("k", dead).AsTask();
        await dead.Started;
        cluster.A.Faults.Refuses = s => s == ServerScript.Renew;
        var source = new Source();
        var read = cluster.B.ReadAsync("k", source).AsTask();
        cluster.Advance(4.9);
        Assert.Equal(0, source.Loads);
        var result = await Eventually.Ends("the other node loads by itself", read, () => cluster.Advance(.02));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Load), result);
        Assert.InRange(cluster.Clock.GetUtcNow() - cluster.Clock.Start, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.6));
        Assert.Single(cluster.Server.Read(d => d.Values));
        dead.LetGo();
    }

    [Fact]
    public async Task A_load_of_another_node_that_never_ends_is_waited_for_half_a_minute()
    {
        await using var cluster = new TestCluster();
        var endless = new Source();
        endless.Hold();
        _ = cluster.A.ReadAsync("k", endless).AsTask();
        await endless.Started;
        var source = new Source();
        var read = cluster.B.ReadAsync("k", source).AsTask();
        var result = await Eventually.Ends("the other node loads by itself", read, () => cluster.Advance(.1));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Load), result);
        Assert.InRange(cluster.Clock.GetUtcNow() - cluster.Clock.Start, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(31));
        endless.LetGo();
    }

    [Fact]
    public async Task Leases_are_renewed_while_their_loads_run_and_no_longer()
    {
        await using var cluster = new TestCluster(1);
        var source = new Source();
        source.Hold();
        var read = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        var renewed = 0;
        cluster.A.Faults.Ignores = s => s == ServerScript.Renew && Interlocked.Increment(ref renewed) < 0;
        cluster.Advance(3);
        Assert.Equal(3, Volatile.Read(ref renewed));
        source.LetGo();
        await read;
        await Eventually.Holds("the value is stored", () => cluster.Server.Read(d => d.Values.Count == 1));
        cluster.Advance(10);
        Assert.InRange(Volatile.Read(ref renewed), 3, 4);
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
        await cluster.A.Cache.GetOrCreateResultAsync("k", DoNotStore, cancellationToken: TestContext.Current.CancellationToken);
        await AssertLeaseIsFree(cluster);

        static ValueTask<string> DoNotStore(LoadContext load, CancellationToken token)
        {
            load.DoNotStore();
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
    public async Task A_load_that_the_second_level_refuses_gives_the_lease_back()
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
        cluster.A.Faults.LosesReplies = s => s == ServerScript.GetOrLease;
        var source = new Source();
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", source)).Outcome);
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

    /// <summary>Waits for work that the last step of the clock queued on the thread pool.</summary>
    private static async Task SettledAsync()
    {
        for (var i = 0; i < 5; i++)
            await Task.Run(static () => { }, TestContext.Current.CancellationToken);
    }

    private static async Task AssertLeaseIsFree(TestCluster cluster)
    {
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count == 0));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", new Source())).Outcome);
        Assert.Single(cluster.Server.Read(d => d.Values));
    }
}
