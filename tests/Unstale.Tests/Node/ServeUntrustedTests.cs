using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Invalidations on a node that serves while not trusted, and the end of the serving time.</summary>
public sealed class ServeUntrustedTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Invalidations => ["key", "tag", "glob", "everything"];

    [Theory]
    [MemberData(nameof(Invalidations))]
    public async Task A_value_invalidated_on_an_untrusted_node_is_not_served_there(string by)
    {
        await using var cluster = new TestCluster(1, Serve);
        var source = new Source();
        await cluster.A.ReadAsync("k", source, tags: "t");
        await cluster.A.ReadAsync("other", source);
        Depart(cluster);
        AdvanceTo(cluster, 6);
        Assert.True(cluster.A.Holds("k"));
        source.Value = "v2";
        var invalidation = InvalidateAsync(cluster.A, by).AsTask();
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.A.ReadAsync("k", source, tags: "t"));
        Assert.Equal(by != "everything", cluster.A.Holds("other"));
        AdvanceTo(cluster, 8);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the invalidation returns", invalidation)).State);
        Assert.False(cluster.A.Holds("k"));
    }

    [Fact]
    public async Task An_untrusted_entry_is_a_memory_hit_again_once_the_log_replies()
    {
        await using var cluster = new TestCluster(1, Serve);
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        Depart(cluster);
        AdvanceTo(cluster, 6);
        Assert.Equal(CacheOutcome.Untrusted, (await cluster.A.ReadAsync("k", source)).Outcome);
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.A.ReadAsync("k", source));
    }

    [Fact]
    public async Task A_cache_serves_untrusted_entries_for_its_own_time_although_another_cache_of_the_log_serves_longer()
    {
        await using var cluster = new TestCluster(0);
        var node = cluster.Add(Serve, more: s => s.AddUnstale(
            "patient", o => (o.Log, o.WhenNotTrusted, o.ServeUntrustedFor) = ("shared", UntrustedReadBehavior.Serve, TimeSpan.FromSeconds(30))));
        var patient = node.CacheNamed("patient");
        await node.ReadAsync("k", new Source());
        await patient.GetOrCreateAsync("k", _ => new ValueTask<string>("v1"), cancellationToken: Stop);
        Depart(cluster);
        foreach (var (seconds, own, others) in new[] { (14.9, true, true), (15, false, true), (34.9, false, true), (35, false, false) })
        {
            AdvanceTo(cluster, seconds);
            Assert.Equal((own, others), (node.Holds("k"), patient.TryGet("k", out string _)));
        }
    }

    [Fact]
    public async Task The_node_reports_the_longest_serving_time_of_all_its_caches_to_the_log()
    {
        await using var cluster = new TestCluster(0);
        var node = cluster.Add(Serve, more: s => s
            .AddUnstale("a", o => (o.Log, o.WhenNotTrusted, o.ServeUntrustedFor) = ("shared", UntrustedReadBehavior.Serve, TimeSpan.FromSeconds(30)))
            .Services.AddUnstale("b", o => o.Log = "shared"));
        _ = (node.CacheNamed("a"), node.CacheNamed("b"));
        cluster.Advance(1);
        Assert.Equal(TimeSpan.FromSeconds(35), Assert.Single(cluster.Server.Read(d => d.Members.Values.ToArray())).ServesFor);
    }

    private static void Serve(UnstaleOptions options) =>
        (options.WhenNotTrusted, options.ServeUntrustedFor) = (UntrustedReadBehavior.Serve, TimeSpan.FromSeconds(10));

    /// <summary>Makes the log unavailable after the node has reported its serving time.</summary>
    private static void Depart(TestCluster cluster)
    {
        cluster.Advance(1);
        cluster.A.Faults.Refuses = _ => true;
    }

    /// <summary>Advances the clock to this number of seconds after the last confirmation.</summary>
    private static void AdvanceTo(TestCluster cluster, double sinceConfirmed) =>
        cluster.Advance(sinceConfirmed - cluster.A.Cache.GetLogState().SinceConfirmed!.Value.TotalSeconds);

    private static ValueTask<InvalidationReceipt> InvalidateAsync(ClusterNode node, string by) => by switch
    {
        "key" => node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop),
        "tag" => node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop),
        "glob" => node.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop),
        _ => node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop),
    };
}
