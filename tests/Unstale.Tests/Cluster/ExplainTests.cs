using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Explanations of a key on one node that include other nodes and the second level.</summary>
public sealed class ExplainTests
{
    private readonly Source _source = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_explanation_names_rule_and_node_of_a_record_from_another_node()
    {
        await using var cluster = new TestCluster();
        cluster.A.Cache.Rules.Add(RuleBuilder.When("product").Named("prices").Relates("product", "pricing").Build());
        await cluster.B.ReadAsync("k", _source, tags: "pricing:7");
        var receipt = await cluster.A.Invalidator.ChangedAsync("product", "7", cancellationToken: Stop);
        var (here, there) = (await ExplainAsync(cluster.A), await ExplainAsync(cluster.B));
        Assert.Equal((EntryState.Invalidated, EntryState.Absent), (there.State, here.State));
        Assert.Equal((receipt.Position, "prices", "product -> pricing"), (there.TakenBy!.Position, there.TakenBy.Target.Rule, there.TakenBy.Target.Chain));
        Assert.Equal(cluster.Server.Records[^1].Record.Origin.Node, there.TakenBy.Node);
        Assert.Equal(cluster.Server.Records[^1].Record.Id, there.TakenBy.Id);
    }

    [Fact]
    public async Task The_explanation_contains_age_and_tags_of_the_value_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", _source, tags: "t");
        cluster.Advance(2);
        var there = await ExplainAsync(cluster.B);
        Assert.Equal((EntryState.Absent, RemoteState.Held, TimeSpan.FromSeconds(2)), (there.State, there.Remote.State, there.Remote.Age));
        Assert.Equal(("t", "t", TimeSpan.FromSeconds(298)), (Assert.Single(there.Remote.Tags!), Assert.Single(there.Tags), there.Remote.ExpiresIn));
        Assert.Equal(0, there.Remote.Position!.Value.Sequence);
        await cluster.A.Invalidator.InvalidateTagAsync("t", "why", Stop);
        Assert.Equal(RemoteState.Absent, (await ExplainAsync(cluster.B)).Remote.State);
    }

    [Fact]
    public async Task A_remote_value_matched_by_a_pattern_is_explained_as_absent_before_its_sweep()
    {
        await using var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", _source);
        await cluster.A.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), "why", Stop);
        var there = await ExplainAsync(cluster.B);
        Assert.Equal((RemoteState.Absent, "why"), (there.Remote.State, Assert.Single(there.Recent).Reason));
    }

    [Fact]
    public async Task The_explanation_reports_no_second_level_as_None_and_a_failing_one_as_NotReachable()
    {
        await using var cluster = new TestCluster(1);
        await using var alone = new TestCluster(1, withRemote: false);
        Assert.Equal(RemoteState.None, (await ExplainAsync(alone.A)).Remote.State);
        cluster.A.Break("refused");
        Assert.Equal(RemoteState.NotReachable, (await ExplainAsync(cluster.A)).Remote.State);
    }

    [Fact]
    public async Task The_explanation_names_an_invalidation_that_is_not_yet_appended()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k", _source, tags: "t");
        cluster.A.Break("never answered");
        var raised = cluster.A.Invalidator.InvalidateTagAsync("t", "why", Stop).AsTask();
        var pending = await Eventually.Ends("the second level is given up", ExplainAsync(cluster.A).AsTask(), () => cluster.Advance(.5));
        Assert.Equal(RemoteState.NotReachable, pending.Remote.State);
        Assert.Equal((EntryState.Invalidated, null, "why"), (pending.State, pending.TakenBy!.Position, pending.TakenBy.Reason));
        Assert.Contains(", not yet appended", pending.TakenBy.ToString(), StringComparison.Ordinal);
        Assert.Equal("why", Assert.Single(pending.Recent).Reason);
        cluster.A.Heal();
        var receipt = await Eventually.Ends("the caller waits no longer", raised, () => cluster.Advance(.5));
        await Eventually.Holds("the record is written", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
        Assert.Equal(receipt.Position, Assert.Single((await ExplainAsync(cluster.A)).Recent).Position);
    }

    [Fact]
    public async Task An_entry_of_an_unconfirmed_node_is_explained_as_not_trusted()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k", _source);
        cluster.A.Break("refused");
        cluster.Advance(6);
        var found = await ExplainAsync(cluster.A);
        Assert.Equal((EntryState.NotTrusted, null), (found.State, found.TakenBy));
        Assert.Equal("'k' is cached but not trusted, because the log does not confirm this node; it was stored 6.0 s ago.", found.ToString());
    }

    [Fact]
    public async Task An_entry_lost_with_a_broken_history_is_explained_by_the_break()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.Invalidator.InvalidateTagAsync("x", cancellationToken: Stop);
        await cluster.A.ReadAsync("k", _source);
        var before = cluster.A.Position;
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("it is trusted again", () => cluster.A.IsTrusted && cluster.A.Position.Generation != before.Generation, () => cluster.Advance(.5));
        var found = await ExplainAsync(cluster.A);
        Assert.Equal((before, true), (found.TakenBy!.Position, found.TakenBy.IsForgotten));
        Assert.Equal("the history of the log was broken", found.TakenBy.Reason);
        Assert.True(found.TakenBy.Time >= cluster.Clock.Start, "it is dated");
        Assert.True(Assert.Single(found.Recent).IsForgotten);
        Assert.Contains("everything, because of 'the history of the log was broken', raised by this node", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_dropped_after_too_many_missed_records_is_explained_by_the_missed_records()
    {
        await using var cluster = new TestCluster(2);
        await cluster.B.ReadAsync("k", _source);
        cluster.Server.LogLength = 2;
        cluster.B.Faults.DropsPushes = true;
        for (var i = 0; i < 5; i++)
            await cluster.A.Invalidator.InvalidateTagAsync("x", cancellationToken: Stop);
        await Eventually.Holds("B has seen how far the log is", () => cluster.B.Position.Sequence == cluster.A.Position.Sequence, () => cluster.Advance(.5));
        var found = await ExplainAsync(cluster.B);
        Assert.Equal((true, "this node had missed more records than the log retains"), (found.TakenBy!.IsForgotten, found.TakenBy.Reason));
    }

    [Fact]
    public async Task The_explanation_lists_a_record_that_was_acknowledged_and_pushed_once()
    {
        await using var cluster = new TestCluster(2, withRemote: false);
        await Task.WhenAll(Enumerable.Range(0, 20).SelectMany(i => cluster.Nodes.Select(node => node.Invalidator.InvalidateKeyAsync("k", $"{i}", Stop).AsTask())));
        foreach (var node in cluster.Nodes)
        {
            await Eventually.Holds("all is applied", () => node.Position.Sequence == 40, () => cluster.Advance(.5));
            var recent = (await node.Cache.ExplainAsync("k", records: 100, Stop)).Recent;
            Assert.Equal(Enumerable.Range(1, 40).Select(i => 41L - i), recent.Select(record => record.Position!.Value.Sequence));
        }
    }

    private static ValueTask<KeyExplanation> ExplainAsync(ClusterNode node) => node.Cache.ExplainAsync("k", cancellationToken: Stop);
}
