using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Numbers of values that patterns removed from the second level, in the receipts of the nodes that raised the patterns.</summary>
public sealed class RemoteReclaimTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(0);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_receipt_has_the_number_of_values_that_its_pattern_removed(int partitions)
    {
        var (one, two) = (Add(partitions), Add(partitions));
        await _cluster.TrustedAsync();
        string[] keys = [.. Enumerable.Range(0, 20).Select(static i => $"a:{i}"), "b:1"];
        foreach (var key in keys)
            await _cluster.HoldsEverywhereAsync(key, "t", "u");

        var pattern = await one.Invalidator.InvalidatePatternAsync(new GlobPattern("a:*"), cancellationToken: Stop);
        var nothing = await two.Invalidator.InvalidatePatternAsync(new GlobPattern("nothing*"), cancellationToken: Stop);
        var tag = await one.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal([20, 0, 0], [await RemovedAsync(pattern), await RemovedAsync(nothing), await RemovedAsync(tag)]);

        await _cluster.HoldsEverywhereAsync("c:1");
        InvalidationReceipt scoped;
        using (var scope = two.Invalidator.BeginScope())
        {
            scoped = await two.Invalidator.InvalidatePatternAsync(new RegexPattern("c:.*"), cancellationToken: Stop);
            await scope.CompleteAsync(Stop);
        }

        Assert.Equal((1L, 20L), (await RemovedAsync(scoped), await RemovedAsync(pattern)));
    }

    [Fact]
    public async Task The_number_is_unknown_after_everything_has_replaced_the_pattern()
    {
        var (node, pattern) = await InvalidateWithoutSweepAsync();
        var removed = RemovedAsync(pattern);
        for (var i = 0; i < 64; i++)
            await node.Invalidator.InvalidatePatternAsync(new GlobPattern($"b{i}:*"), cancellationToken: Stop);
        Assert.Null(await removed);
    }

    [Fact]
    public async Task A_wait_outlasts_a_lost_connection()
    {
        var (node, pattern) = await InvalidateWithoutSweepAsync();
        var removed = RemovedAsync(pattern);
        var link = node.Link;
        _cluster.MoveTo(_cluster.Server);
        await Eventually.TrueAsync("the node has another link", () => Task.FromResult(node.Link is { } other && other != link));
        Assert.False(removed.IsCompleted);
        await _cluster.Server.RunAsync("DEL", ServerFaults.Base + "sweep");
        Assert.Equal(1, await removed);
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_and_with_its_node()
    {
        var (node, pattern) = await InvalidateWithoutSweepAsync();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var (cancelled, closed) = (pattern.WaitForRemoteReclaimAsync(cancellation.Token).AsTask(), RemovedAsync(pattern));
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(closed.IsCompleted);
        await node.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed);
    }

    private static Task<long?> RemovedAsync(InvalidationReceipt receipt) => receipt.WaitForRemoteReclaimAsync(Stop).AsTask();

    private RedisNode Add(int partitions = 1) => _cluster.Add(
        o => o.Partitions = partitions,
        o => o.RecordDependencies = partitions == 1);

    /// <summary>Invalidates a value by a pattern, and grants the right to sweep to a node that does not exist.</summary>
    private async Task<(RedisNode Node, InvalidationReceipt Pattern)> InvalidateWithoutSweepAsync()
    {
        var node = Add();
        await _cluster.TrustedAsync();
        await _cluster.Server.RunAsync("SET", ServerFaults.Base + "sweep", "nobody", "PX", "600000");
        await _cluster.HoldsEverywhereAsync("a:1");
        return (node, await node.Invalidator.InvalidatePatternAsync(new GlobPattern("a:*"), cancellationToken: Stop));
    }
}
