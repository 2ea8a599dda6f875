using Unstale.IntegrationTests.Redis.Channel;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Applications in different databases of one server. Pub/Sub is shared by all databases of a server.</summary>
public sealed class DatabaseTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData(",defaultDatabase=1")]
    [InlineData("/1")]
    public async Task Records_of_another_database_invalidate_no_entry_of_this_database(string database)
    {
        var neighbour = await AddAsync(database);
        await _cluster.HoldsAsync(_cluster[0], "k", "t");
        for (var i = 0; i < 50; i++)
            await neighbour.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);

        // The push of this record follows the pushes of the neighbour on the same connection, which have arrived by then.
        var last = await _cluster[1].Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        await Eventually.TrueAsync("the last record is applied", () => Task.FromResult(_cluster[0].Position == last.Position));
        Assert.True(_cluster[0].Holds("k"));
        Assert.Equal(0, _cluster[0].Node.GetState().Generations);
    }

    [Fact]
    public async Task Nodes_of_one_database_share_a_channel_of_their_own()
    {
        var (one, two) = (await AddAsync("/3"), await AddAsync("/3"));
        await _cluster.HoldsAsync(two, "k", "t");
        _cluster.Truth.Commit("k", one.Number);
        var receipt = await one.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await receipt.WaitForAllNodesAsync(Stop);
        Assert.False(two.Holds("k"));
        await _cluster.HoldsAsync(two, "k", "t");
        var channels = await _cluster.Server.RunAsync("PUBSUB", "CHANNELS", ServerFaults.Base + "*");
        Assert.Equal([ServerFaults.Base + "ch", ServerFaults.Base + "ch:3"], channels.Items.Select(static c => c.Text()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_new_generation_in_another_database_invalidates_no_entry_of_this_database()
    {
        var neighbour = await AddAsync("/1");
        await _cluster.HoldsAsync(_cluster[0], "k");
        await using (var raw = await RawConnection.ConnectAsync(_cluster.Server.EndPoint, database: 1))
            await raw.RunAsync("FLUSHDB");
        await Eventually.TrueAsync("the neighbour has begun anew", () => Task.FromResult(neighbour.Node.GetState().Generations > 0 && neighbour.IsTrusted));
        await neighbour.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        var last = await _cluster[1].Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        await Eventually.TrueAsync("the last record is applied", () => Task.FromResult(_cluster[0].Position == last.Position));
        Assert.True(_cluster[0].Holds("k"));
    }

    [Fact]
    public async Task Nodes_of_swapped_databases_follow_the_other_history_and_apply_later_invalidations()
    {
        var neighbour = await AddAsync("/1");
        await _cluster.HoldsEverywhereAsync("k", "t");
        await _cluster.Server.RunAsync("SWAPDB", "0", "1");
        await Eventually.TrueAsync(
            "all have met the other history and are trusted", () => Task.FromResult(_cluster.Nodes.All(static n => n.Node.GetState().Generations > 0 && n.IsTrusted)));
        _cluster.Truth.Commit("k", 0);
        await _cluster[0].Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await _cluster.HoldsAsync(_cluster[1], "k", "t");
        _cluster.Truth.Commit("k", neighbour.Number);
        await neighbour.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await _cluster.HoldsAsync(neighbour, "k", "t");
    }

    [Fact]
    public async Task A_bridge_in_one_database_applies_messages_published_in_another()
    {
        await using var one = await ChannelNode.StartAsync(_cluster.Server, prefix: "app");
        await using var two = await ChannelNode.StartAsync(_cluster.Server, prefix: "app", database: 1);
        await one.HoldsAsync("user:7");
        await two.HoldsAsync("user:7");
        await one.Publisher.InvalidateUserAsync("7", Stop);
        await Eventually.TrueAsync("the bridge in the other database obeys", () => Task.FromResult(!two.Holds("user:7")));
    }

    [Theory]
    [InlineData("app", "shop:1", "app:shop", "1")]
    [InlineData("app", "shop", "app", "shop:0")]
    [InlineData("app", "shop", "app", "shopping")]
    [InlineData("app", "shop", "apps", "hop")]
    [InlineData("{app", "shop", "{app}", "shop")]
    public async Task Logs_with_similar_names_and_prefixes_do_not_receive_records_of_each_other(string prefix, string log, string otherPrefix, string otherLog)
    {
        var reader = _cluster.Add(o => o.KeyPrefix = prefix, o => o.Log = log);
        var peer = _cluster.Add(o => o.KeyPrefix = prefix, o => o.Log = log);
        var stranger = _cluster.Add(o => o.KeyPrefix = otherPrefix, o => o.Log = otherLog);
        await _cluster.TrustedAsync();
        await _cluster.HoldsAsync(reader, "k");
        await stranger.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        await stranger.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop);
        var last = await peer.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        await Eventually.TrueAsync("the last record is applied", () => Task.FromResult(reader.Position == last.Position));
        Assert.True(reader.Holds("k"));
        Assert.Equal(0, reader.Node.GetState().Generations);
    }

    private async Task<RedisNode> AddAsync(string database)
    {
        var node = _cluster.Add(o => o.Configuration = database.StartsWith('/') ? $"redis://{o.Configuration}{database}" : o.Configuration + database);
        await node.TrustedAsync();
        return node;
    }
}
