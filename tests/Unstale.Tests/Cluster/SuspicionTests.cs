using Unstale.Log;
using Unstale.Tests.Model.Simulation;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Values of the second level suspected because of a mark of this node for another key or tag in the same place.</summary>
public sealed class SuspicionTests
{
    private const int Values = 50;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Marks_of_many_other_keys_and_tags_do_not_cost_a_node_the_second_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        for (var i = 0; i < Values; i++)
            await cluster.A.ReadAsync($"k{i}", source, tags: $"t{i}");
        for (var i = 0; i < 150_000; i += 5_000)
        {
            var others = Enumerable.Range(i, 5_000).Select(n => $"other{n}").ToArray();
            await cluster.A.Invalidator.InvalidateAsync(others, others, cancellationToken: Stop);
        }

        for (var i = 0; i < Values; i++)
            Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync($"k{i}", source, tags: $"t{i}")).Outcome);
        var statistics = cluster.B.Cache.GetStatistics();
        Assert.Equal((Values, 0, Values), (statistics.RemoteHits, statistics.RemoteRefused, source.Loads));
        Assert.InRange(statistics.RemoteConfirmed, 3, Values / 2); // 150,000 marks of 2^20 places, twice: 12 expected
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_suspected_value_is_kept_as_of_the_answer(bool byKey)
    {
        await using var cluster = await SuspectedAsync(byKey);
        var source = new Source("not loaded");
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source, tags: "t"));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source, tags: "t"));
        Assert.Equal((1, 1, 0), Remote(cluster.B));
    }

    [Fact]
    public async Task A_single_tail_confirms_all_values_suspected_meanwhile()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        string[] keys = [.. Enumerable.Range(0, Values).Select(i => $"k{i}")];
        foreach (var key in keys)
            await cluster.A.ReadAsync(key, source);
        await cluster.A.Invalidator.InvalidateAsync(keys.Select(static key => World.StrangerOfKey(key, 20)), cancellationToken: Stop);
        var before = Tails(cluster);
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var reads = keys.Select(key => cluster.B.ReadAsync(key, source).AsTask()).ToList();
        await Eventually.Ends("the log is asked", hold.Reached);
        Assert.DoesNotContain(reads, static r => r.IsCompleted);
        hold.Release();
        foreach (var read in reads)
            Assert.Equal(CacheOutcome.Remote, (await Eventually.Ends("the log has confirmed", read)).Outcome);
        Assert.Equal(2, Tails(cluster) - before); // one for the first value, and one for all values suspected while that tail ran
        Assert.Equal((Values, Values, 0), Remote(cluster.B));
    }

    [Fact]
    public async Task A_tail_already_running_at_the_reply_does_not_confirm_a_suspected_value()
    {
        await using var cluster = await SuspectedAsync();
        var early = cluster.B.Faults.HoldNext(ServerScript.Tail);
        cluster.Advance(1);
        await Eventually.Ends("the log is asked", early.Reached);
        var read = cluster.B.ReadAsync("k", new Source("not loaded"), tags: "t").AsTask();
        var late = cluster.B.Faults.HoldNext(ServerScript.Tail);
        early.Release();
        await Eventually.Ends("another tail is sent", late.Reached);
        Assert.False(read.IsCompleted);
        late.Release();
        Assert.Equal(CacheOutcome.Remote, (await Eventually.Ends("the log has confirmed", read)).Outcome);
    }

    [Fact]
    public async Task A_history_that_lost_records_of_the_node_is_detected_and_its_value_refused()
    {
        await using var cluster = new TestCluster(1);
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var forked = cluster.Server.Generation;
        cluster.A.Faults.DropsPushes = true;
        cluster.Server.ForkUnseen(loses: 1);
        cluster.Server.Append(InvalidationTarget.ForKey("another"));
        Assert.Single(cluster.Server.Read(d => d.Values));
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.A.ReadAsync("k", source));
        Assert.Equal((0, 0, 1), Remote(cluster.A));
        await Eventually.Holds("a new generation is followed", () => cluster.A.IsTrusted && cluster.A.Position.Generation != forked);
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", source)).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_value_whose_connection_is_lost_before_the_log_has_confirmed_is_refused(bool comesAgain)
    {
        await using var cluster = await SuspectedAsync();
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var read = cluster.B.ReadAsync("k", new Source("v1 again"), tags: "t").AsTask();
        await Eventually.Ends("the log is asked", hold.Reached);
        cluster.B.Session.Cut();
        if (comesAgain)
            cluster.B.Session.Reconnect();
        Assert.Equal(new CacheResult<string>("v1 again", CacheOutcome.Load), await Eventually.Ends("the read goes to the source", read));
        Assert.Equal((0, 0, 1), Remote(cluster.B));
        hold.Release();
    }

    [Fact]
    public async Task A_local_invalidation_before_the_confirmation_of_the_log_refuses_the_suspected_value()
    {
        await using var cluster = await SuspectedAsync();
        var source = new Source("v2");
        var tail = cluster.B.Faults.HoldNext(ServerScript.Tail);
        var read = cluster.B.ReadAsync("k", source, tags: "t").AsTask();
        await Eventually.Ends("the log is asked", tail.Reached);
        var append = cluster.B.Faults.HoldNext(ServerScript.Append);
        var raised = cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop).AsTask();
        await Eventually.Ends("the invalidation is sent", append.Reached);
        tail.Release();
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await Eventually.Ends("the read goes to the source", read));
        Assert.Equal((0, 0, 1), Remote(cluster.B));
        append.Release();
        await Eventually.Ends("the invalidation is applied", raised);
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, tags: "t")).Value);
    }

    [Fact]
    public async Task A_log_that_does_not_answer_is_waited_for_a_quarter_of_a_second()
    {
        await using var cluster = await SuspectedAsync();
        cluster.B.Faults.Ignores = static s => s == ServerScript.Tail;
        var read = cluster.B.ReadAsync("k", new Source("loaded"), tags: "t").AsTask();
        cluster.Advance(.2);
        Assert.False(read.IsCompleted);
        cluster.Advance(.1);
        Assert.Equal(new CacheResult<string>("loaded", CacheOutcome.Load), await Eventually.Ends("the read goes to the source", read));
        Assert.Equal((0, 0, 1), Remote(cluster.B));
    }

    [Fact]
    public async Task A_log_that_refuses_is_not_waited_for()
    {
        await using var cluster = await SuspectedAsync();
        cluster.B.Faults.Refuses = static s => s == ServerScript.Tail;
        var read = cluster.B.ReadAsync("k", new Source("loaded"), tags: "t").AsTask();
        Assert.Equal(new CacheResult<string>("loaded", CacheOutcome.Load), await Eventually.Ends("the read goes to the source", read));
    }

    [Fact]
    public async Task A_read_that_waits_for_the_confirmation_of_the_log_can_be_cancelled()
    {
        await using var cluster = await SuspectedAsync();
        cluster.B.Faults.Ignores = static s => s == ServerScript.Tail;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var source = new Source("not loaded");
        var read = cluster.B.Cache.GetOrCreateAsync("k", source, static (s, token) => s.LoadAsync(token), cancellationToken: stop.Token).AsTask();
        Assert.False(read.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(0, source.Loads);
    }

    /// <summary>Stores k with the tag t on A, and creates a mark on B that looks like one of the key, or of the tag.</summary>
    private static async Task<TestCluster> SuspectedAsync(bool byKey = true)
    {
        var cluster = new TestCluster();
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        _ = byKey
            ? await cluster.A.Invalidator.InvalidateKeyAsync(World.StrangerOfKey("k", 20), cancellationToken: Stop)
            : await cluster.A.Invalidator.InvalidateTagAsync(World.StrangerOfTag("t", 20), cancellationToken: Stop);
        return cluster;
    }

    private static long Tails(TestCluster cluster) => cluster.Server.Read(static d => d.Members.Values.Max(static m => m.Confirmation!.Value));

    private static (long Hits, long Confirmed, long Refused) Remote(ClusterNode node)
    {
        var statistics = node.Cache.GetStatistics();
        return (statistics.RemoteHits, statistics.RemoteConfirmed, statistics.RemoteRefused);
    }
}
