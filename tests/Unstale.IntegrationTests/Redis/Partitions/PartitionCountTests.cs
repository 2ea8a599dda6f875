using System.Globalization;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Processes started with different numbers of partitions for one log.</summary>
public sealed class PartitionCountTests : IAsyncLifetime
{
    private const int Most = 4;

    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(2, 4)]
    [InlineData(1, 4)]
    public async Task A_process_with_another_number_of_partitions_is_never_trusted_and_writes_no_record(int stored, int other)
    {
        await using var first = Node(1, stored);
        await first.TrustedAsync();
        await first.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var before = await _server.LengthsAsync(Most);
        await using var second = Node(2, other);
        await RefusedAsync(second, stored, other);
        Assert.Equal(before, await _server.LengthsAsync(Most));
        Assert.True(first.IsTrusted);
        await first.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(before.Select(static length => length == 0 ? 0 : length + 1), await _server.LengthsAsync(Most));
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(4, 1)]
    [InlineData(2, 4)]
    [InlineData(1, 4)]
    public async Task A_refused_process_is_trusted_without_a_restart_once_the_log_of_the_others_is_gone(int stored, int other)
    {
        await using var first = Node(1, stored);
        await first.TrustedAsync();
        await using var second = Node(2, other);
        await RefusedAsync(second, stored, other);
        await first.DisposeAsync();
        await _server.RunAsync("FLUSHALL");
        await second.TrustedAsync();
        foreach (var key in PartitionedLog.KeyOfEach(other))
            Assert.Equal(ReceiptState.Applied, (await second.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop)).State);
        for (var p = 0; p < Most; p++)
            Assert.Equal(p < other ? other.ToString(CultureInfo.InvariantCulture) : "", await StoredAsync(p));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_log_of_an_older_release_counts_as_one_of_one_partition(int other)
    {
        await using (var first = Node(1, 1))
        {
            await first.TrustedAsync();
            await _server.RunAsync("HDEL", ServerFaults.Base + "ctl", "partitions");
            await first.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        }

        Assert.Equal("", await StoredAsync(0));
        var before = await _server.LengthsAsync(Most);
        await using var second = Node(2, other);
        if (other == 1)
        {
            await second.TrustedAsync();
            Assert.False(second.Says("partitions on the server, but this process"));
            Assert.Equal("", await StoredAsync(0));
        }
        else
        {
            await RefusedAsync(second, 1, other);
        }

        Assert.Equal(before, await _server.LengthsAsync(Most));
    }

    [Fact]
    public async Task A_trusted_process_whose_log_is_replaced_by_one_of_another_number_writes_no_record_into_it()
    {
        await using var first = Node(1, 2);
        await first.TrustedAsync();
        for (var p = 0; p < 2; p++)
            await _server.RunAsync("HSET", ServerFaults.BaseOf(p) + "ctl", "partitions", "4");
        await Eventually.TrueAsync("the refusal is logged", () => Task.FromResult(first.Says("the log has 4 partitions on the server")));
        await Load.RunsAsync(1000);
        var before = await _server.LengthsAsync(Most);
        Assert.Equal(ReceiptState.Queued, (await first.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop)).State);
        await first.NotTrustedAsync();
        await RefusedAsync(first, 4, 2);
        Assert.Equal(before, await _server.LengthsAsync(Most));
    }

    /// <summary>Asserts that the node serves nothing, appends nothing, and logs the setting to change.</summary>
    private static async Task RefusedAsync(RedisNode node, int stored, int own)
    {
        var message = $"the log has {stored} partitions on the server, but this process was started with {own}. Set Partitions to {stored}";
        await Eventually.TrueAsync("the refusal is logged", () => Task.FromResult(node.Says(message)));
        await Eventually.TrueAsync("the setting to change is logged", () => Task.FromResult(node.Received.Lines.Any(line => line.Level == LogLevel.Error
            && line.Text.Contains($"the log has {stored} partitions on the server, but this process was started with {own}", StringComparison.Ordinal)
            && line.Text.Contains("RedisOptions.Partitions", StringComparison.Ordinal))));
        var receipt = await node.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        var key = await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(node.IsTrusted);
            await Load.RunsAsync(10);
        }

        Assert.Equal((ReceiptState.Queued, ReceiptState.Queued), (receipt.State, key.State));
        await node.Cache.GetOrCreateAsync("k", static _ => new ValueTask<long>(1), cancellationToken: Stop);
        Assert.False(node.Holds("k"));
    }

    private RedisNode Node(int number, int partitions) => new(number, PartitionedLog.On(_server, partitions), PartitionedLog.WithoutDependencies, log: static o =>
    {
        PartitionedLog.Short(o);
        o.AppendTimeout = TimeSpan.FromMilliseconds(100);
        o.ShutdownTimeout = TimeSpan.FromMilliseconds(500);
    });

    /// <summary>Returns the number that the server stores with a partition, or an empty string if there is none.</summary>
    private async Task<string> StoredAsync(int partition) =>
        (string?)await _server.ExecuteAsync("HGET", ServerFaults.BaseOf(partition) + "ctl", "partitions") ?? "";
}
