using Unstale.Log;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Records with flags: effects on the receiving nodes, and before their append completes.</summary>
public sealed class FlaggedRecordTests
{
    private static readonly UnstaleEntryOptions Options = new() { FreshFor = TimeSpan.FromMinutes(1), Expiration = TimeSpan.FromMinutes(5) };
    private static readonly CacheResult<string> Old = new("v1", CacheOutcome.Stale);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_node_serves_the_old_value_once_and_the_second_level_never()
    {
        await using var cluster = new TestCluster();
        var source = await HeldAsync(cluster);
        await cluster.A.Node.RaiseOnceAsync("t");
        var late = cluster.Add();
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await late.ReadAsync("k", source, Options, "t"));
        foreach (var node in new[] { cluster.A, cluster.B })
        {
            Assert.Equal(Old, await node.ReadAsync("k", source, Options, "t"));
            Assert.Equal("v2", (await node.ReadAsync("k", source, Options, "t")).Value);
            Assert.Equal(1, node.Cache.GetStatistics().StaleServes);
        }

        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task No_node_starts_a_sweep_for_a_lazy_record()
    {
        await using var cluster = new TestCluster();
        await HeldAsync(cluster);
        var receipt = await cluster.A.Node.RaiseAsync(RecordFlags.Lazy, InvalidationTarget.ForTag("t"));
        cluster.Advance(5);
        Assert.All(cluster.Nodes, n => Assert.Equal((1, EntryState.Invalidated), (n.Cache.GetStatistics().Entries, n.Cache.Inspect("k")!.State)));
        var swept = receipt.WaitForReclaimAsync(Stop).AsTask();
        cluster.Advance(.2);
        Assert.Equal(1, await swept);
        cluster.Advance(30);
        Assert.All(cluster.Nodes, n => Assert.Equal(0, n.Cache.GetStatistics().Entries));
    }

    [Fact]
    public async Task An_untrusted_node_does_not_serve_the_stale_value()
    {
        await using var cluster = new TestCluster(2, o =>
        {
            o.WhenNotTrusted = UntrustedReadBehavior.Serve;
            o.ServeUntrustedFor = TimeSpan.FromMinutes(1);
        });
        var source = await HeldAsync(cluster);
        cluster.Advance(1);
        await cluster.A.Node.RaiseOnceAsync("t");
        cluster.B.Faults.Refuses = _ => true;
        cluster.Advance(6);
        Assert.False(cluster.B.IsTrusted);
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("k", source, Options, "t"));
    }

    [Fact]
    public async Task A_new_history_of_the_log_invalidates_the_stale_value()
    {
        await using var cluster = new TestCluster();
        var source = await HeldAsync(cluster);
        await cluster.A.Node.RaiseOnceAsync("t");
        cluster.Server.RestartWithoutData();
        await Eventually.Holds(
            "the nodes stand in a new generation", () => cluster.Nodes.All(n => n.IsTrusted && n.Cache.GetLogState().Generations > 0), () => cluster.Advance(.5));
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, Options, "t")).Value);
    }

    [Fact]
    public async Task The_invalidating_node_serves_the_stale_value_once_before_the_append_completes()
    {
        await using var cluster = new TestCluster();
        var source = await HeldAsync(cluster);
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var raised = cluster.A.Node.RaiseOnceAsync("t");
        Assert.Equal(Old, await cluster.A.ReadAsync("k", source, Options, "t"));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, Options, "t")).Value); // loaded, or joined to the background refresh
        cluster.A.Faults.Clear();
        var receipt = await Eventually.Ends("the record is appended", raised, () => cluster.Advance(.5));
        await Eventually.Holds("it is applied", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source, Options, "t")).Value);
        Assert.Equal(1, cluster.A.Cache.GetStatistics().StaleServes);
    }

    [Fact]
    public async Task An_entry_removed_before_the_append_completes_is_counted_once()
    {
        await using var cluster = new TestCluster();
        await HeldAsync(cluster);
        var cause = new InvalidationCause("both");
        cluster.A.Faults.Refuses = s => s == ServerScript.Append;
        var raised = cluster.A.Node.ReceiptAsync(SomeInvalidation.Of([new InvalidationItem(InvalidationTarget.ForKey("k"), cause), new(InvalidationTarget.ForTag("t"), cause)]));
        Assert.Equal(1, cause.Entries.Value);
        cluster.A.Faults.Clear();
        var receipt = await Eventually.Ends("the record is appended", raised, () => cluster.Advance(.5));
        Assert.Equal(1, await Eventually.Ends("it is swept", receipt.WaitForReclaimAsync(Stop).AsTask(), () => cluster.Advance(.5)));
        Assert.Equal(1, cause.Entries.Value);
    }

    [Fact]
    public async Task A_record_appended_again_in_a_new_history_keeps_its_flags_and_origins()
    {
        await using var cluster = new TestCluster();
        await HeldAsync(cluster);
        await cluster.A.Node.ReceiptAsync(SomeInvalidation.Of([new InvalidationItem(InvalidationTarget.ForTag("t"), new("prices"), "a -> t", InvalidationTiming.Lazy)]));
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("it is appended again", () => cluster.Server.Records.Count == 1 && cluster.Nodes.All(n => n.IsTrusted), () => cluster.Advance(.5));
        var record = Assert.Single(cluster.Server.Records).Record;
        Assert.Equal((RecordFlags.Lazy, new TargetOrigin("prices", "a -> t")), (record.Flags, RecordVia.Parse(record, 0)));
    }

    /// <summary>Stores v1 on every node, then changes the source to v2.</summary>
    private static async Task<Source> HeldAsync(TestCluster cluster)
    {
        var source = new Source();
        foreach (var node in cluster.Nodes)
            await node.ReadAsync("k", source, Options, "t");
        source.Value = "v2";
        return source;
    }
}
