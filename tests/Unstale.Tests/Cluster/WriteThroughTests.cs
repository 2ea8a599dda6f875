using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Writers on two nodes, in both orders and with faults in between.</summary>
public sealed class WriteThroughTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_through_is_one_record_with_its_version_and_both_levels_hold_the_value()
    {
        await using var cluster = Cluster();
        var source = new Source("old");
        await cluster.A.ReadAsync("k", source);
        await cluster.B.ReadAsync("k", source);
        var result = await WriteAsync(cluster.A, 7);
        Assert.Equal((WriteThroughOutcome.Stored, ReceiptState.Applied), (result.Outcome, result.State));
        var record = Assert.Single(cluster.Server.Records);
        Assert.Equal(("shop", 7L), (record.Record.Version!.Cache, record.Record.Version!.Version));
        Assert.Equal((record.Sequence, 7L), cluster.Server.Read(d => (d.Values["k"].Stamp, d.Values["k"].Version)));
        Assert.True(cluster.A.Holds("k"));
        Assert.False(cluster.B.Holds("k"));
        Assert.Equal(new CacheResult<string>("7", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Of_two_nodes_the_newer_version_wins_in_both_orders(long first, long second)
    {
        await using var cluster = Cluster();
        await WriteAsync(cluster.A, first);
        var result = await WriteAsync(cluster.B, second);
        Assert.Equal(second == 2 ? WriteThroughOutcome.Stored : WriteThroughOutcome.Superseded, result.Outcome);
        await BothServeAsync(cluster, "2");
        Assert.Equal(second == 2 ? 2 : 1, cluster.Server.Records.Count);
    }

    [Fact]
    public async Task A_newer_version_that_overtakes_an_older_one_on_its_way_wins()
    {
        await using var cluster = Cluster();
        foreach (var afterwards in new[] { false, true })
        {
            var version = afterwards ? 3 : 1;
            var hold = cluster.A.Faults.HoldNext(ServerScript.Set, afterwards);
            var late = WriteAsync(cluster.A, version).AsTask();
            await hold.Reached;
            await WriteAsync(cluster.B, version + 1);
            hold.Release();
            Assert.Equal(afterwards ? WriteThroughOutcome.Stored : WriteThroughOutcome.Superseded, (await Eventually.Ends("the older one ends", late)).Outcome);
            await BothServeAsync(cluster, $"{version + 1}");
        }
    }

    [Fact]
    public async Task A_superseded_write_is_in_force_locally_as_of_the_newer_record_not_yet_received()
    {
        await using var cluster = Cluster();
        var source = new Source("0");
        await cluster.A.ReadAsync("k", source);
        cluster.A.Faults.DropsPushes = true;
        var newer = await WriteAsync(cluster.B, 2);
        Assert.True(cluster.A.Holds("k"));
        var result = await WriteAsync(cluster.A, 1);
        Assert.Equal((WriteThroughOutcome.Superseded, ReceiptState.Superseded), (result.Outcome, result.State));
        Assert.Equal(newer.Position, result.Position);
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal("2", (await cluster.A.ReadAsync("k", source)).Value);
        Assert.Single(cluster.Server.Records);
    }

    [Fact]
    public async Task A_superseded_write_affects_no_entry_and_no_load_and_is_applied_everywhere_with_the_newer_write()
    {
        await using var cluster = Cluster();
        await WriteAsync(cluster.B, 2);
        var source = new Source("2");
        await cluster.A.ReadAsync("k", source);
        var entry = cluster.A.Cache.Inspect("k")!.Position;
        var result = await WriteAsync(cluster.A, 2);
        Assert.Equal(entry, cluster.A.Cache.Inspect("k")!.Position);
        await Eventually.Ends("it is applied everywhere", result.WaitForAllNodesAsync(Stop).AsTask(), () => cluster.Advance(.1));
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        source.Hold();
        var load = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        await WriteAsync(cluster.A, 1);
        var joined = cluster.A.ReadAsync("k", source).AsTask();
        source.LetGo();
        await Eventually.Ends("the load ends", load);
        Assert.Equal(CacheOutcome.Joined, (await Eventually.Ends("the join ends", joined)).Outcome);
        Assert.True(cluster.A.Holds("k"));
        Assert.Equal(0, cluster.A.Cache.GetLogState().Queued);
    }

    [Fact]
    public async Task A_load_that_began_before_the_write_is_not_kept_on_any_node()
    {
        await using var cluster = Cluster();
        foreach (var node in cluster.Nodes)
        {
            await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            var source = new Source("old");
            source.Hold();
            var load = node.ReadAsync("k", source).AsTask();
            await source.Started;
            await WriteAsync(cluster.A, cluster.Server.Sequence + 1);
            source.LetGo();
            await Eventually.Ends("the load ends", load);
            await BothServeAsync(cluster, $"{cluster.Server.Sequence}");
        }
    }

    [Fact]
    public async Task A_write_during_a_pending_invalidation_is_invalidated_if_its_record_comes_first()
    {
        await using var cluster = Cluster();
        foreach (var writesFirst in new[] { true, false })
        {
            var version = writesFirst ? 1 : 2;
            var hold = cluster.A.Faults.HoldNext(ServerScript.Append, afterwards: !writesFirst);
            var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
            await hold.Reached;
            Assert.Equal(WriteThroughOutcome.Stored, (await WriteAsync(cluster.A, version)).Outcome);
            Assert.False(cluster.A.Holds("k")); // a pending invalidation counts as later than all records
            hold.Release();
            await Eventually.Ends("the invalidation is applied", invalidation);
            Assert.Equal(writesFirst ? CacheOutcome.Load : CacheOutcome.Remote, (await cluster.A.ReadAsync("k", new Source($"{version}"))).Outcome);
            await BothServeAsync(cluster, $"{version}");
        }
    }

    [Fact]
    public async Task A_late_writer_after_a_new_generation_only_invalidates_until_its_version_is_no_longer_in_doubt()
    {
        await using var cluster = Cluster();
        await WriteAsync(cluster.A, 10);
        cluster.Server.RestartWithoutData();
        Assert.All(cluster.Nodes, n => Assert.True(n.IsTrusted));
        await Eventually.Holds("what was told of is told of again", () => cluster.Server.Records.Any(r => r.Record.Version is { Version: 10 }));
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(cluster.B, 9)).Outcome);

        // The node that raised the version has ended, or the version is older than the replay window.
        await Eventually.Holds("the window of the replay passes", () => cluster.Clock.GetUtcNow() - cluster.Clock.Start > TimeSpan.FromSeconds(100), () => cluster.Advance(1));
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("both are trusted", () => cluster.Nodes.All(n => n.IsTrusted), () => cluster.Advance(.1));
        Assert.Equal(WriteThroughOutcome.Invalidated, (await WriteAsync(cluster.B, 8)).Outcome);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await WriteAsync(cluster.B, 9)).Outcome);
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(cluster.A, 9)).Outcome);
        await BothServeAsync(cluster, "10", source: "10");
        for (var second = 0; second < 600; second++)
            cluster.Advance(1);
        await Eventually.Holds("both are trusted", () => cluster.Nodes.All(n => n.IsTrusted), () => cluster.Advance(.1));
        Assert.Equal(WriteThroughOutcome.Stored, (await WriteAsync(cluster.B, 11)).Outcome);
        await BothServeAsync(cluster, "11");
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("reply lost")]
    [InlineData("cut")]
    public async Task A_write_with_an_unknown_outcome_only_invalidates_and_its_version_is_stored(string fault)
    {
        await using var cluster = Cluster();
        await WriteAsync(cluster.A, 1);
        var source = new Source("2");
        await cluster.B.ReadAsync("k", source);
        var hold = cluster.A.Faults.HoldNext(ServerScript.Set);
        if (fault == "refused")
            cluster.A.Faults.Refuses = s => s == ServerScript.Set;
        if (fault == "reply lost")
            cluster.A.Faults.LosesReplies = s => s == ServerScript.Set;
        var write = WriteAsync(cluster.A, 3).AsTask();
        if (fault == "cut")
        {
            await hold.Reached;
            cluster.A.Session.Cut();
            cluster.A.Session.Reconnect();
        }

        hold.Release();
        var result = await Eventually.Ends("the write returns", write, () => cluster.Advance(.1));
        Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Applied), (result.Outcome, result.State));
        Assert.All(cluster.Nodes, n => Assert.False(n.Holds("k")));
        cluster.A.Faults.Clear();
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(cluster.B, 2)).Outcome);
        Assert.DoesNotContain(2, cluster.Server.Read(d => d.Values.Values.Select(v => v.Version).ToList()));
    }

    [Fact]
    public async Task A_write_without_a_reply_is_in_force_locally_when_the_call_returns()
    {
        await using var cluster = Cluster();
        var source = new Source("1");
        await WriteAsync(cluster.A, 1);
        cluster.A.Faults.Ignores = s => s == ServerScript.Set;
        using var cancellation = new CancellationTokenSource();
        var cancelled = WriteAsync(cluster.A, 2, cancellation.Token).AsTask();
        Assert.True(cluster.A.Holds("k")); // whether the write is superseded is not decided yet
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(cluster.A.Holds("k"));
        var late = WriteAsync(cluster.A, 3).AsTask();
        cluster.Advance(1);
        var result = await Eventually.Ends("the write returns at the deadline", late);
        Assert.Equal((WriteThroughOutcome.Invalidated, ReceiptState.Queued), (result.Outcome, result.State));
        source.Value = "3";
        Assert.Equal(new CacheResult<string>("3", CacheOutcome.Load), await cluster.A.ReadAsync("k", source));
        cluster.A.Heal();
        await Eventually.Holds("it is applied", () => result.State == ReceiptState.Applied, () => cluster.Advance(.1));
        await BothServeAsync(cluster, "3", source: "3");
        Assert.Equal(0, cluster.A.Cache.GetLogState().Queued);
    }

    [Fact]
    public async Task A_write_of_an_untrusted_or_disconnected_node_only_invalidates_and_its_version_is_stored()
    {
        await using var cluster = Cluster();
        await WriteAsync(cluster.A, 1);
        cluster.A.Session.Cut();
        var write = WriteAsync(cluster.A, 3).AsTask();
        cluster.Advance(1);
        Assert.Equal(WriteThroughOutcome.Invalidated, (await Eventually.Ends("the write returns", write, () => cluster.Advance(.1))).Outcome);
        cluster.A.Session.Reconnect();
        await Eventually.Holds("it is in the log", () => cluster.Server.Records.Count == 2, () => cluster.Advance(.1));
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(cluster.B, 2)).Outcome);
    }

    [Fact]
    public async Task Versions_replaced_in_a_full_queue_are_in_doubt_on_all_nodes()
    {
        await using var cluster = Cluster(o => o.QueueCapacity = 1);
        await WriteAsync(cluster.B, 1);
        cluster.A.Session.Cut();
        var writes = new[] { WriteAsync(cluster.A, 3).AsTask(), cluster.A.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop).AsTask() as Task };
        await Eventually.Ends("both return", Task.WhenAll(writes), () => cluster.Advance(.1));
        cluster.A.Session.Reconnect();
        await Eventually.Holds("everything is in the log", () => cluster.Server.Records[^1].Record.Targets[0].Kind == Unstale.Log.TargetKind.Everything, () => cluster.Advance(.1));
        Assert.Equal(WriteThroughOutcome.Invalidated, (await WriteAsync(cluster.B, 2)).Outcome);
        await BothServeAsync(cluster, "3", source: "3");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_second_level_a_shared_log_stores_no_versions(bool isThere)
    {
        await using var cluster = new TestCluster(withRemote: isThere);
        cluster.Server.KnowVersions();
        var options = new UnstaleEntryOptions { Flags = Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags.DisableDistributedCacheWrite };
        Assert.Equal(WriteThroughOutcome.Invalidated, (await cluster.A.Cache.WriteThroughAsync("k", "2", 2, options, cancellationToken: Stop)).Outcome);
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(isThere ? WriteThroughOutcome.Superseded : WriteThroughOutcome.Invalidated, (await WriteAsync(cluster.B, 1)).Outcome);
    }

    [Fact]
    public async Task A_queued_write_is_reported_and_a_superseded_one_is_not()
    {
        await using var cluster = Cluster(o => o.WhenUnavailable = LogUnavailableBehavior.Throw);
        await WriteAsync(cluster.A, 2);
        Assert.Equal(WriteThroughOutcome.Superseded, (await WriteAsync(cluster.A, 1)).Outcome);
        cluster.A.Session.Cut();
        var write = WriteAsync(cluster.A, 3).AsTask();
        await Eventually.Holds("the write returns", () => write.IsCompleted, () => cluster.Advance(.1));
        await Assert.ThrowsAsync<InvalidationLogUnavailableException>(() => write);
    }

    private static TestCluster Cluster(Action<InvalidationLogOptions>? log = null)
    {
        var cluster = new TestCluster(log: log);
        cluster.Server.KnowVersions();
        return cluster;
    }

    private static ValueTask<InvalidationReceipt> WriteAsync(ClusterNode node, long version, CancellationToken? cancellation = null) =>
        node.Cache.WriteThroughAsync("k", $"{version}", version, cancellationToken: cancellation ?? Stop);

    private static async Task BothServeAsync(TestCluster cluster, string value, string source = "the source was read")
    {
        foreach (var node in cluster.Nodes)
            Assert.Equal(value, (await Eventually.Ends("the read ends", node.ReadAsync("k", new Source(source)).AsTask(), () => cluster.Advance(.02))).Value);
    }
}
