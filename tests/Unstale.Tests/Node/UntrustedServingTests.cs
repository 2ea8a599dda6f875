using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>A node that serves for a configured time while not trusted, or throws.</summary>
public sealed class UntrustedServingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_held_value_past_the_bound_is_served_as_untrusted_for_the_configured_time()
    {
        await using var cluster = new TestCluster(1, Serve);
        var source = new Source();
        cluster.Advance(1);
        await cluster.A.ReadAsync("k", source);
        cluster.A.Faults.Refuses = _ => true;
        source.Value = "v2";
        cluster.Advance(4.9 - cluster.A.Cache.GetLogState().SinceConfirmed!.Value.TotalSeconds);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.A.ReadAsync("k", source));
        cluster.Advance(.1);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Untrusted), await cluster.A.ReadAsync("k", source));
        Assert.True(cluster.A.Holds("k"));
        cluster.Advance(9.9);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Untrusted), await cluster.A.ReadAsync("k", source));
        cluster.Advance(.1);
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.A.ReadAsync("k", source));
        var statistics = cluster.A.Cache.GetStatistics();
        Assert.Equal((1, 3, 1), (statistics.Hits, statistics.UntrustedServes, statistics.UntrustedLoads));
        Assert.Equal(4 / 6.0, statistics.HitRatio);
    }

    [Fact]
    public async Task An_untrusted_node_serves_no_expired_or_locally_invalidated_value()
    {
        await using var cluster = new TestCluster(1, Serve);
        cluster.Advance(1);
        var source = new Source();
        foreach (var key in new[] { "plain", "named", "tagged" })
            await cluster.A.ReadAsync(key, source, tags: key == "tagged" ? ["t"] : []);
        await cluster.A.ReadAsync("short", source, new() { Expiration = TimeSpan.FromSeconds(7) });
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(6);
        Assert.All(["plain", "named", "tagged", "short"], key => Assert.True(cluster.A.Holds(key)));
        var raised = cluster.A.Invalidator.InvalidateAsync(["named"], ["t"], cancellationToken: Stop).AsTask();
        cluster.Advance(1);
        await Eventually.Ends("the invalidation is queued", raised);
        Assert.Equal([true, false, false, false], new[] { "plain", "named", "tagged", "short" }.Select(cluster.A.Holds));
    }

    [Fact]
    public async Task An_untrusted_node_serves_no_value_from_before_a_broken_history()
    {
        await using var cluster = new TestCluster(1, Serve);
        cluster.Advance(1);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Faults.Refuses = s => s == ServerScript.Create;
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("the break is known", () => cluster.A.Cache.GetLogState().Generations == 1, () => cluster.Advance(.1));
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", new Source())).Outcome);
    }

    [Fact]
    public async Task The_node_reports_its_serving_time_to_the_log()
    {
        await using var cluster = new TestCluster(1, Serve);
        cluster.Advance(1);
        Assert.Equal(15, Reported());
        cluster.A.Node.ServeBeyond(TimeSpan.FromSeconds(3));
        cluster.Advance(1);
        Assert.Equal(15, Reported());
        cluster.A.Node.ServeBeyond(TimeSpan.FromSeconds(30));
        cluster.Advance(1);
        Assert.Equal(35, Reported());

        double Reported() => cluster.Server.Read(d => Assert.Single(d.Members.Values).ServesFor.TotalSeconds);
    }

    [Fact]
    public async Task An_untrusted_node_serves_no_longer_than_the_time_reported_to_the_log()
    {
        await using var cluster = new TestCluster(1, Serve);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Faults.Refuses = _ => true; // before the first heartbeat, which would have reported the time
        cluster.Advance(4.9);
        Assert.True(cluster.A.Holds("k"));
        cluster.Advance(.1);
        Assert.False(cluster.A.Holds("k"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_derived_from_an_untrusted_value_is_returned_and_not_stored(bool untrusted)
    {
        await using var cluster = new TestCluster(1, Serve);
        await using var other = new CacheUnderTest();
        await HoldAsync(cluster, untrusted);
        var outer = await other.Cache.GetOrCreateAsync(
            "outer", async t => await other.Cache.GetOrCreateAsync("inner", async i => (await cluster.A.ReadAsync("k", new Source())).Value, cancellationToken: t), cancellationToken: Stop);
        Assert.Equal("v1", outer);
        Assert.Equal(!untrusted, other.Cache.TryGet("inner", out string _));
        Assert.Equal(!untrusted, other.Cache.TryGet("outer", out string _));
        Assert.Equal(0, other.Cache.GetStatistics().LoadsRefused);
    }

    [Fact]
    public async Task An_untrusted_value_read_from_memory_alone_keeps_a_load_from_being_stored()
    {
        await using var cluster = new TestCluster(1, Serve);
        await using var other = new CacheUnderTest();
        await HoldAsync(cluster, untrusted: true);
        await other.Cache.GetOrCreateAsync("outer", _ => new ValueTask<bool>(cluster.A.Holds("k")), cancellationToken: Stop);
        Assert.Equal(0, other.Cache.GetStatistics().Entries);
    }

    [Fact]
    public async Task A_load_that_joins_a_load_of_an_untrusted_value_does_not_store_its_result()
    {
        await using var cluster = new TestCluster(1, Serve);
        await using var other = new CacheUnderTest();
        await HoldAsync(cluster, untrusted: true);
        var gate = new GatedSource();
        var inner = other.Cache.GetOrCreateAsync("inner", InnerAsync, cancellationToken: Stop).AsTask();
        await gate[1].BegunAsync();
        var outer = other.Cache.GetOrCreateAsync(
            "outer", t => other.Cache.GetOrCreateAsync("inner", InnerAsync, cancellationToken: t), cancellationToken: Stop).AsTask();
        Assert.Equal(1, other.Cache.GetStatistics().Joins);
        gate[1].LetGo();
        Assert.Equal(["v1", "v1"], await Eventually.Ends("both end", Task.WhenAll(inner, outer)));
        Assert.Equal(0, other.Cache.GetStatistics().Entries);

        async ValueTask<string> InnerAsync(CancellationToken token)
        {
            await gate.ReadAsync(token);
            return (await cluster.A.ReadAsync("k", new Source())).Value;
        }
    }

    [Fact]
    public async Task Values_derived_from_an_untrusted_value_are_not_stored_in_the_second_level()
    {
        await using var serving = new TestCluster(1, Serve);
        await using var cluster = new TestCluster(2);
        await HoldAsync(serving, untrusted: true);
        await cluster.A.Cache.GetOrCreateAsync("outer", async _ => (await serving.A.ReadAsync("k", new Source())).Value, cancellationToken: Stop);
        Assert.Empty(cluster.Server.Read(d => d.Values));
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count) == 0);
    }

    [Fact]
    public async Task The_exception_of_an_untrusted_node_names_the_log_and_the_time_since_confirmation()
    {
        await using var cluster = new TestCluster(1, o => o.WhenNotTrusted = UntrustedReadBehavior.Throw);
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(7.5);
        foreach (var key in new[] { "k", "other" })
        {
            var refused = await Assert.ThrowsAsync<NotTrustedException>(async () => await cluster.A.ReadAsync(key, source));
            Assert.Equal(
                "Cache 'shop' is not trusted: the log 'shared' last confirmed this node 7.5 s ago (StalenessBound is 00:00:05), and WhenNotTrusted is Throw. "
                + "Check that the log is reachable and writable; to read from the source meanwhile, set WhenNotTrusted to FromSource.",
                refused.Message);
            Assert.Equal(("shared", TimeSpan.FromSeconds(7.5)), (refused.Log, refused.SinceConfirmed));
        }

        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(1, source.Loads);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal(CacheOutcome.Memory, (await cluster.A.ReadAsync("k", source)).Outcome);
    }

    [Fact]
    public async Task The_error_of_a_node_that_was_never_confirmed_contains_the_missing_confirmation()
    {
        var cluster = new TestCluster(0);
        await using var _ = cluster;
        cluster.Server.Faults.Refuses = _ => true;
        var node = cluster.Add(o => o.WhenNotTrusted = UntrustedReadBehavior.Throw);
        var refused = await Assert.ThrowsAsync<NotTrustedException>(async () => await node.ReadAsync("k", new Source()));
        Assert.Contains("the log 'shared' has never confirmed this node (StalenessBound", refused.Message, StringComparison.Ordinal);
        Assert.Null(refused.SinceConfirmed);
    }

    [Fact]
    public async Task A_read_inside_a_transaction_loads_from_the_source_on_an_untrusted_node()
    {
        await using var cluster = new TestCluster(1, o => o.WhenNotTrusted = UntrustedReadBehavior.Throw);
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(6);
        using var transaction = new System.Transactions.TransactionScope(System.Transactions.TransactionScopeAsyncFlowOption.Enabled);
        Assert.Equal(CacheOutcome.Load, (await cluster.A.ReadAsync("k", new Source())).Outcome);
    }

    private static void Serve(UnstaleOptions options) =>
        (options.WhenNotTrusted, options.ServeUntrustedFor) = (UntrustedReadBehavior.Serve, TimeSpan.FromSeconds(10));

    /// <summary>Stores "k" on the first node and makes the node untrusted, or not.</summary>
    private static async Task HoldAsync(TestCluster cluster, bool untrusted)
    {
        cluster.Advance(1);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Faults.Refuses = _ => untrusted;
        cluster.Advance(6);
        Assert.Equal(!untrusted, cluster.A.IsTrusted);
        Assert.True(cluster.A.Holds("k"));
    }
}
