using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Waits of one node for writes of another.</summary>
public sealed class WaitForPositionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> NoPositions =>
        ["garbage", "0", "0-x-1", "0-00000000000000000000000000000001", "0-00000000000000000000000000000001--1", "0-00000000000000000000000000000001-1,0-00000000000000000000000000000001-2"];

    [Fact]
    public async Task A_wait_for_an_applied_position_completes_at_once()
    {
        await using var cluster = new TestCluster();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.B.Faults.Ignores = static s => s == ServerScript.Tail;
        foreach (var node in cluster.Nodes)
        {
            Assert.Equal(PositionStatus.Reached, AtOnce(node.Cache.WaitForPositionAsync(receipt.Position, cancellationToken: Stop)));
            Assert.Equal(PositionStatus.Reached, AtOnce(node.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop)));
            Assert.Equal(PositionStatus.Reached, AtOnce(node.Cache.WaitForPositionAsync(receipt.Positions.ToString(), cancellationToken: Stop)));
        }
    }

    [Fact]
    public async Task A_node_that_missed_a_record_reads_the_written_value_after_a_wait_for_its_position()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.B.ReadAsync("k", source);
        cluster.B.Faults.DropsPushes = true;
        source.Value = "v2";
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal("v1", (await cluster.B.ReadAsync("k", source)).Value);
        Assert.Equal(PositionStatus.Reached, await cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source)).Value);
    }

    [Fact]
    public async Task A_wait_for_a_position_lasts_at_most_its_limit()
    {
        await using var cluster = await BehindAsync();
        var (hold, receipt) = (cluster.B.Faults.HoldNext(ServerScript.Tail), await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop));
        Assert.Equal(PositionStatus.NotYet, AtOnce(cluster.B.Cache.WaitForPositionAsync(receipt.Positions, TimeSpan.Zero, Stop)));
        var short_ = cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop).AsTask();
        var long_ = cluster.B.Cache.WaitForPositionAsync(receipt.Positions, TimeSpan.FromSeconds(3), Stop).AsTask();
        var endless = cluster.B.Cache.WaitForPositionAsync(receipt.Positions, Timeout.InfiniteTimeSpan, Stop).AsTask();
        cluster.Advance(.9);
        Assert.False(short_.IsCompleted);
        cluster.Advance(.1);
        Assert.Equal(PositionStatus.NotYet, await Eventually.Ends("the default limit of a second has passed", short_));
        cluster.Advance(1);
        Assert.False(long_.IsCompleted);
        hold.Release();
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("the log has answered", long_));
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("the log has answered", endless));
    }

    [Fact]
    public async Task A_wait_for_a_position_can_be_cancelled()
    {
        await using var cluster = await BehindAsync();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.B.Faults.Ignores = static s => s == ServerScript.Tail;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var waiting = cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cluster.A.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: stop.Token).AsTask());
    }

    [Fact]
    public async Task A_wait_completes_at_once_if_the_node_cannot_confirm_the_position()
    {
        await using var cluster = new TestCluster();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.B.Faults.Refuses = static _ => true;
        cluster.Advance(6);
        Assert.False(cluster.B.IsTrusted);
        Assert.Equal(PositionStatus.NotYet, AtOnce(cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop)));
        cluster.B.Faults.Clear();
        Assert.Equal(PositionStatus.Reached, await cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_position_that_the_log_has_never_issued_is_unknown_without_a_wait()
    {
        await using var cluster = new TestCluster();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(receipt.Position with { Sequence = 2 }, Timeout.InfiniteTimeSpan, Stop)));
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(receipt.Position with { Sequence = long.MaxValue }, Timeout.InfiniteTimeSpan, Stop)));
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(receipt.Position with { Partition = 1 }, Timeout.InfiniteTimeSpan, Stop)));
        var both = LogPositions.Of(receipt.Position).Merge(LogPositions.Of(receipt.Position with { Partition = 1 }));
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(both, Timeout.InfiniteTimeSpan, Stop)));
    }

    [Fact]
    public async Task A_position_of_another_history_is_reached_once_this_history_has_outlasted_the_replay_window()
    {
        await using var cluster = new TestCluster();
        var old = new LogPosition(0, Generation.Create(), 5);
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(old, cancellationToken: Stop)));
        cluster.Advance(65);
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(old, cancellationToken: Stop)));
        cluster.Advance(.001);
        Assert.Equal(PositionStatus.Reached, AtOnce(cluster.B.Cache.WaitForPositionAsync(old, cancellationToken: Stop)));
        cluster.Server.FailOver(loses: 0);
        await Eventually.Holds("the node follows the new history", () => cluster.B.IsTrusted && cluster.B.Position.Generation == cluster.Server.Generation);
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(old, cancellationToken: Stop)));
    }

    [Fact]
    public async Task A_wait_for_a_position_of_a_newer_history_lasts_until_the_node_follows_that_history()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.B.ReadAsync("k", source);
        cluster.Advance(70);
        var hold = cluster.B.Faults.HoldNext(ServerScript.Tail);
        cluster.Server.RestartWithoutData();
        await Eventually.Holds("A follows the new history", () => cluster.A.IsTrusted && cluster.A.Position.Generation == cluster.Server.Generation);
        source.Value = "v2";
        cluster.B.Faults.DropsPushes = true;
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.NotEqual(receipt.Position.Generation, cluster.B.Position.Generation);
        var waiting = cluster.B.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        hold.Release();
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("the node has followed", waiting));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source)).Value);
    }

    [Fact]
    public async Task A_position_not_reached_and_a_position_never_issued_have_different_statuses()
    {
        await using var cluster = new TestCluster();
        var own = (await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).Position; // its record is appended again later
        var cache = cluster.B.Cache;
        Assert.Equal(PositionStatus.Reached, await cache.WaitForPositionAsync(own, cancellationToken: Stop));
        Assert.Equal(PositionStatus.Reached, await cache.WaitForPositionAsync((string?)null, cancellationToken: Stop));
        Assert.Equal(PositionStatus.Unknown, await cache.WaitForPositionAsync(own with { Sequence = 2 }, Timeout.InfiniteTimeSpan, Stop));
        Assert.Equal(PositionStatus.Unknown, await cache.WaitForPositionAsync(own with { Partition = 1 }, cancellationToken: Stop));
        Assert.Equal(PositionStatus.Unknown, await cache.WaitForPositionAsync(own with { Generation = Generation.Create() }, cancellationToken: Stop));
        Assert.Equal(PositionStatus.Unknown, await cache.WaitForPositionAsync("garbage", cancellationToken: Stop));

        cluster.Server.RestartWithoutData();
        await Eventually.Holds("the node follows the new history", () => cluster.B.IsTrusted && cluster.B.Position.Generation != own.Generation, () => cluster.Advance(.5));
        Assert.Equal(PositionStatus.NotYet, await cache.WaitForPositionAsync(own, cancellationToken: Stop));
        Assert.Equal(PositionStatus.Unknown, await cache.WaitForPositionAsync(own with { Generation = Generation.Create() }, cancellationToken: Stop));
        cluster.Advance(70);
        Assert.Equal(PositionStatus.Reached, await cache.WaitForPositionAsync(own, cancellationToken: Stop));

        cluster.B.Faults.Refuses = static _ => true;
        cluster.Advance(6);
        Assert.Equal(PositionStatus.NotYet, await cache.WaitForPositionAsync(own, cancellationToken: Stop));
    }

    [Theory]
    [MemberData(nameof(NoPositions))]
    public async Task Text_that_is_no_position_is_unknown_and_leaves_the_cache_as_it_was(string text)
    {
        await using var cluster = new TestCluster();
        await cluster.B.ReadAsync("k", new Source());
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync(text, cancellationToken: Stop)));
        Assert.Equal(PositionStatus.Unknown, AtOnce(cluster.B.Cache.WaitForPositionAsync($"0-{Generation.Create()}-{long.MaxValue}", cancellationToken: Stop)));
        Assert.True(cluster.B.Holds("k"));
        Assert.False(cluster.B.Log.Says("forgotten"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_client_without_writes_does_not_wait(string? text)
    {
        await using var cluster = new TestCluster();
        Assert.Equal(PositionStatus.Reached, AtOnce(cluster.B.Cache.WaitForPositionAsync(text, cancellationToken: Stop)));
        Assert.Equal(PositionStatus.Reached, AtOnce(cluster.B.Cache.WaitForPositionAsync(LogPositions.Empty, cancellationToken: Stop)));
    }

    [Fact]
    public async Task A_wait_for_a_position_works_with_a_log_of_one_process()
    {
        await using var test = new CacheUnderTest();
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, AtOnce(test.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop)));
        Assert.Equal(PositionStatus.Unknown, AtOnce(test.Cache.WaitForPositionAsync(receipt.Position with { Sequence = 2 }, cancellationToken: Stop)));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(86_400_001)]
    public async Task A_limit_of_a_wait_is_zero_to_one_day(double milliseconds)
    {
        await using var test = new CacheUnderTest();
        var limit = TimeSpan.FromMilliseconds(milliseconds);
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => test.Cache.WaitForPositionAsync(LogPositions.Empty, limit, Stop).AsTask());
        Assert.Equal($"The limit of a wait is {limit}; it must be from zero to 1.00:00:00, or Timeout.InfiniteTimeSpan. (Parameter 'limit')", refused.Message);
    }

    private static PositionStatus AtOnce(ValueTask<PositionStatus> answer)
    {
        Assert.True(answer.IsCompletedSuccessfully, "It waits.");
        return answer.Result;
    }

    /// <summary>Creates a cluster in which B receives no pushes.</summary>
    private static async Task<TestCluster> BehindAsync()
    {
        var cluster = new TestCluster();
        cluster.B.Faults.DropsPushes = true;
        await Eventually.Holds("B is trusted", () => cluster.B.IsTrusted);
        return cluster;
    }
}
