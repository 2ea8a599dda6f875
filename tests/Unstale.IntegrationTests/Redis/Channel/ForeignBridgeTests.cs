using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Cache that follows foreign channels.</summary>
public sealed class ForeignBridgeTests : IAsyncLifetime
{
    private RedisServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Messages_of_foreign_channels_invalidate_their_names_and_other_messages_have_no_effect()
    {
        await using var node = await ChannelNode.StartAsync(_server, static o => o
            .AddChannel(ForeignChannels.ProductUpdates, ForeignChannels.ReadProductUpdate)
            .AddChannel(ForeignChannels.Events, ForeignChannels.ReadEvent));
        foreach (var (key, tag) in new[] { ("a", "product:4"), ("product:production:7", "x"), ("b", "user:7"), ("c", "order:1") })
            await node.HoldsAsync(key, tag);
        foreach (var (channel, payload) in new[]
        {
            (ForeignChannels.Events, "{\"event\":\"user.logged_in\",\"user_id\":7}"), (ForeignChannels.Events, "{\"event\":\"user\"}"), (ForeignChannels.Events, "{\"user_id\":7}"),
            (ForeignChannels.Events, "nonsense"), (ForeignChannels.Events, "{\"event\":\"user.updated\",\"user_id\":[]}"), (ForeignChannels.ProductUpdates, "{\"stock\":1}"),
            (ForeignChannels.ProductUpdates, "[]"), (ForeignChannels.ProductUpdates, "{\"product_id\":1.5}"),
            (ForeignChannels.ProductUpdates, "{\"product_id\":4,\"action\":\"update\"}"), (ForeignChannels.ProductUpdates, "{\"key\":\"product:production:7\"}"),
            (ForeignChannels.Events, "{\"event\":\"user.updated\",\"user_id\":7,\"timestamp\":1.5}"),
        })
        {
            Assert.Equal(1, (await _server.RunAsync("PUBLISH", channel, payload)).Integer);
        }

        foreach (var key in new[] { "a", "product:production:7", "b" })
            await node.LosesAsync(key);
        Assert.True(node.Holds("c"));
        Assert.Equal((5, 6), (node.Figures.Rejected, node.Figures.Received));
        Assert.Equal(
            ["key product:4 tag product tag product:4", "key product:production:7", "key user:7 tag user tag user:7"],
            (await _server.RecordsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_payload_that_is_too_long_reaches_no_reader()
    {
        await using var node = await ChannelNode.StartAsync(_server, static o => o.AddChannel("prices", static payload => ForeignInvalidation.OfKeys(payload.Length > 10 ? "a" : "b")));
        await node.HoldsAsync("a");
        await node.HoldsAsync("b");
        foreach (var payload in new[] { new string('x', (8 << 20) + 1), "1" })
            Assert.Equal(1, (await _server.RunAsync("PUBLISH", "prices", payload)).Integer);
        await node.LosesAsync("b");
        Assert.True(node.Holds("a"));
        Assert.Equal((1, 1), (node.Figures.Rejected, node.Figures.Received));
    }

    [Fact]
    public async Task A_reader_that_throws_or_returns_an_invalid_name_does_not_block_later_messages()
    {
        await using var node = await ChannelNode.StartAsync(_server, static o => o.AddChannel("prices", static payload => payload.Length switch
        {
            1 => throw new InvalidOperationException("not this one"),
            2 => ForeignInvalidation.Changed("\ud800", id: null),
            3 => null!,
            _ => ForeignInvalidation.OfKeys("a"),
        }));
        await node.HoldsAsync("a");
        foreach (var payload in new[] { "1", "22", "333", "4444" })
            Assert.Equal(1, (await _server.RunAsync("PUBLISH", "prices", payload)).Integer);
        await node.LosesAsync("a");
        Assert.Equal((3, 1), (node.Figures.Rejected, node.Figures.Received));
    }

    [Fact]
    public void Messages_on_foreign_channels_have_the_exact_expected_bytes()
    {
        Assert.Equal("""{"product_id":4,"action":"update"}"""u8, ForeignMessages.Product(4, "update"));
        Assert.Equal("""{"key":"product:production:7"}"""u8, ForeignMessages.Key("product:production:7"));
        Assert.Equal("""{"event":"user.updated","user_id":7,"timestamp":1.5}"""u8, ForeignMessages.Event("user", 7, ChangeOperation.Update, 1.5));
    }
}
