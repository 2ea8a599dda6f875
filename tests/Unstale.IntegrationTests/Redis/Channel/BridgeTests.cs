using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Bridge between a channel and the log: messages of other services become records, and records become messages.</summary>
public sealed class BridgeTests : BridgeTest
{
    private const string Channel = "cache:invalidate";

    [Fact]
    public async Task A_message_about_an_entity_invalidates_its_key_and_its_tags_and_no_other_entity()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        foreach (var message in new[] { Foreign.Delete(EntityType.User, "1"), Foreign.Update(EntityType.Custom("user"), "1") })
        {
            await node.HoldsAsync("user:1");
            await node.HoldsAsync("profile", "user:1");
            await node.HoldsAsync("list", "user");
            await node.HoldsAsync("user:2");
            await node.HoldsAsync("other", "user:2");
            await Foreign.PublishAsync(message, Stop);
            foreach (var key in new[] { "user:1", "profile", "list" })
                await node.LosesAsync(key);
            Assert.True(node.Holds("user:2") && node.Holds("other"));
        }

        Assert.Equal(["key user:1 tag user tag user:1", "key user:1 tag user tag user:1"], await Server.RecordsAsync());
    }

    [Fact]
    public async Task With_ChangeScope_Entity_lists_of_the_type_stay_valid()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.Scope = ChangeScope.Entity);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("list", "user");
        await Foreign.InvalidateUserAsync("1", Stop);
        await node.LosesAsync("user:1");
        Assert.True(node.Holds("list"));
    }

    [Fact]
    public async Task A_batch_invalidates_its_keys_a_pattern_its_matches_and_a_star_everything()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        foreach (var key in new[] { "user:1", "post:1", "feed:1:a", "feed:2:a", "rest" })
            await node.HoldsAsync(key);
        await Foreign.InvalidateBatchAsync([], Stop);
        await Foreign.InvalidateBatchAsync(["user:1", "post:1"], Stop);
        await node.LosesAsync("user:1");
        await node.LosesAsync("post:1");
        await Foreign.InvalidatePatternAsync("feed:1:*", Stop);
        await node.LosesAsync("feed:1:a");
        Assert.True(node.Holds("feed:2:a") && node.Holds("rest"));
        await Foreign.InvalidatePatternAsync("*", Stop);
        await node.LosesAsync("rest");
        Assert.Equal(["key user:1 key post:1", "glob feed:1:*", "everything "], await Server.RecordsAsync());
    }

    [Fact]
    public async Task A_large_batch_is_appended_as_several_records_and_a_batch_above_the_limit_as_everything()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await Foreign.InvalidateBatchAsync(Enumerable.Range(0, 1200).Select(static i => $"k:{i}"), Stop);
        await Eventually.TrueAsync("three records are made", async () => (await Server.RecordsAsync()).Count == 3);
        await Foreign.InvalidateBatchAsync(Enumerable.Range(0, 10_001).Select(static i => $"k:{i}"), Stop);
        await Eventually.TrueAsync("and everything", async () => (await Server.RecordsAsync()) is [_, _, _, "everything "]);
    }

    [Fact]
    public async Task A_bridge_can_refuse_messages_that_invalidate_everything()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("user:2");
        await Foreign.InvalidatePatternAsync("*", Stop);
        await Foreign.InvalidatePatternAsync("**", Stop);
        await Foreign.InvalidatePatternAsync(new string('x', 2000), Stop);
        await Foreign.InvalidatePatternAsync("user:1*", Stop);
        await node.LosesAsync("user:1");
        Assert.True(node.Holds("user:2"));
        Assert.Equal((3, 4), (node.Figures.Refused, node.Figures.Received));
        Assert.Single(node.Received.Lines, static line => line.Text.Contains("AcceptEverything", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_without_an_entity_invalidates_all_entities_of_its_type()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("list", "user");
        await node.HoldsAsync("userland");
        await Server.RunAsync("PUBLISH", Channel, Foreign.Delete(EntityType.User, "1").ToString().Replace("\"1\"", "null", StringComparison.Ordinal));
        await node.LosesAsync("user:1");
        await node.LosesAsync("list");
        Assert.True(node.Holds("userland"));
    }

    [Fact]
    public async Task A_message_received_by_three_nodes_becomes_one_record()
    {
        await using var one = await ChannelNode.StartAsync(Server);
        await using var two = await ChannelNode.StartAsync(Server);
        await using var three = await ChannelNode.StartAsync(Server);
        ChannelNode[] nodes = [one, two, three];
        foreach (var node in nodes)
            await node.HoldsAsync("user:0");
        for (var i = 0; i < 300; i++)
            Assert.Equal(3, await Foreign.InvalidateUserAsync($"{i}", Stop));
        var again = Foreign.Delete(EntityType.Post, "1");
        await Foreign.PublishAsync(again, Stop);
        await Foreign.PublishAsync(again, Stop);
        await Foreign.InvalidateUserAsync("last", Stop);
        foreach (var node in nodes)
        {
            await node.LosesAsync("user:0");
            await Eventually.TrueAsync("it heard all", () => Task.FromResult(node.Figures.Received == 303));
        }

        await Eventually.TrueAsync("the last record is made", async () => (await Server.RecordsAsync())[^1].StartsWith("key user:last", StringComparison.Ordinal));
        await SettledAsync(nodes);
        var records = await Server.RecordsAsync();
        Assert.Equal(302, records.Count);
        Assert.Equal(302, records.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Two_messages_with_one_id_and_different_content_are_both_applied()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await node.HoldsAsync("user:2");
        var first = Foreign.Delete(EntityType.User, "1");
        await Server.RunAsync("PUBLISH", Channel, first.ToString());
        await Server.RunAsync("PUBLISH", Channel, first.ToString().Replace("\"1\"", "\"2\"", StringComparison.Ordinal));
        await node.LosesAsync("user:2");
        Assert.Equal(2, (await Server.RecordsAsync()).Count);
    }

    [Fact]
    public async Task After_a_lost_subscription_everything_is_invalidated_once()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AddChannel(ForeignChannels.ProductUpdates, ForeignChannels.ReadProductUpdate));
        await node.HoldsAsync("user:1");
        await Server.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.TrueAsync("everything is in the log", async () => (await Server.RecordsAsync()).Contains("everything "));
        await node.LosesAsync("user:1");
        await Foreign.InvalidateUserAsync("1", Stop);
        await Eventually.TrueAsync("it hears again", async () => (await Server.RecordsAsync())[^1].StartsWith("key user:1", StringComparison.Ordinal));
        Assert.Equal(["everything ", "key user:1 tag user tag user:1"], await Server.RecordsAsync());
    }

    [Fact]
    public async Task A_message_received_while_the_log_refuses_writes_is_appended_later()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await node.HoldsAsync("user:1");
        await Server.RunAsync("ACL", "SETUSER", "default", "-xadd");
        await Foreign.InvalidateUserAsync("1", Stop);
        await Eventually.TrueAsync("the failure is said", () => Task.FromResult(node.Received.Lines.Any(static line => line.Text.Contains("received over a channel could not be appended", StringComparison.Ordinal))));
        await Server.RunAsync("ACL", "SETUSER", "default", "+xadd");
        await node.LosesAsync("user:1");
    }

    [Fact]
    public async Task An_invalid_message_invalidates_nothing_and_the_next_message_is_applied()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("user:2");
        await Server.RunAsync("PUBLISH", Channel, "{\"action\":\"Delete\"}");
        await Server.RunAsync("PUBLISH", Channel, "everything");
        await Foreign.InvalidateUserAsync("1", Stop);
        await node.LosesAsync("user:1");
        Assert.True(node.Holds("user:2"));
        Assert.Equal((2, 1), (node.Figures.Rejected, node.Figures.Received));
    }

    [Fact]
    public async Task Only_the_invalidating_node_publishes_its_records_and_no_node_of_the_log_appends_them_again()
    {
        await using var one = await ChannelNode.StartAsync(Server, static o => o.PublishRecords = true);
        await using var two = await ChannelNode.StartAsync(Server, static o => o.PublishRecords = true);
        await using var elsewhere = await ChannelNode.StartAsync(Server, prefix: "another");
        await using var ears = new Ears(Server);
        await ears.Subscribed;
        await elsewhere.HoldsAsync("product:4");
        await one.HoldsAsync("known");
        await two.HoldsAsync("known");
        await one.Cache.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await two.Cache.RemoveAsync("plain", Stop);
        await one.Cache.RemoveAsync(["user:1", "b"], Stop);
        await one.Cache.SetAsync("user:9", 1, cancellationToken: Stop);
        await one.Cache.Invalidator.InvalidateAsync(tags: ["t"], patterns: [new GlobPattern("x?")], cancellationToken: Stop);
        await one.Cache.Invalidator.InvalidatePatternAsync(new RegexPattern("y.*"), cancellationToken: Stop);
        await ears.ReceivedAsync(7);
        await elsewhere.LosesAsync("product:4");
        await Foreign.InvalidateUserAsync("5", Stop);
        await ears.ReceivedAsync(8);
        await SettledAsync([one, two]);
        Assert.Equal(
            ["Batch plain", "Batch user:1,b", "Delete product:4", "Delete user:5", "Delete user:9", "Pattern *", "Pattern t:*", "Pattern x?"],
            ears.Words.Order(StringComparer.Ordinal));
        Assert.Equal((7, 7), (one.Figures.Own, two.Figures.Own));
        Assert.Equal(7, (await Server.RecordsAsync()).Count);
        Assert.All(ears.Messages.Take(7), static message => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", message.MessageId));
    }

    [Fact]
    public async Task Nodes_ignore_messages_of_the_publishers_of_their_own_log()
    {
        await using var one = await ChannelNode.StartAsync(Server);
        await using var two = await ChannelNode.StartAsync(Server);
        await two.HoldsAsync("user:1");
        Assert.Equal(2, await one.Publisher.InvalidateUserAsync("1", Stop));
        await Eventually.TrueAsync("both knew it", () => Task.FromResult((one.Figures.Own, two.Figures.Own) == (1, 1)));
        Assert.True(two.Holds("user:1"));
        Assert.Empty(await Server.RecordsAsync());
    }

    [Fact]
    public async Task Keys_of_messages_are_logged_only_if_the_options_enable_it()
    {
        await using var silent = await ChannelNode.StartAsync(Server);
        await using var loud = await ChannelNode.StartAsync(Server, static o => o.LogKeys = true);
        await Foreign.InvalidateUserAsync("1", Stop);
        await Foreign.InvalidatePatternAsync("x:*", Stop);
        await Foreign.InvalidateBatchAsync(["a", "b"], Stop);
        await Eventually.TrueAsync("both heard", () => Task.FromResult(silent.Figures.Received + loud.Figures.Received == 6));
        string[] expected = ["A message invalidated 2 keys.", "A message invalidated user:1.", "A message invalidated the keys that match x:*."];
        await Eventually.TrueAsync(
            "the loud one says it", () => Task.FromResult(expected.All(text => loud.Received.Lines.Any(line => line.Text == text))));
        Assert.DoesNotContain(silent.Received.Lines, line => expected.Contains(line.Text));
    }

    [Fact]
    public void Options_that_cannot_work_are_refused()
    {
        Assert.Contains("added twice", Assert.Throws<ArgumentException>(() => new ChannelBridgeOptions().AddChannel("a", ForeignChannels.ReadEvent).AddChannel("a", ForeignChannels.ReadEvent)).Message, StringComparison.Ordinal);
        var options = new ChannelBridgeOptions { Scope = (ChangeScope)7, QueueCapacity = 1 }.AddChannel(Channel, ForeignChannels.ReadEvent);
        Assert.Equal(3, options.Problems().Count());
        using var services = new ServiceCollection().AddUnstale().UseChannel().Services.BuildServiceProvider();
        Assert.Equal(
            "Cache 'default': UseChannel was called without UseRedis. Call UseRedis first: the channel is on the same server.",
            Assert.Throws<InvalidOperationException>(() => services.GetRequiredService<InvalidationPublisher>()).Message);
    }

    /// <summary>Publishes an empty message and waits until every node has received it, and with it all earlier messages.</summary>
    private async Task SettledAsync(ChannelNode[] nodes)
    {
        var before = nodes.Select(static node => node.Figures.Received).ToList();
        await Foreign.InvalidateBatchAsync([], Stop);
        for (var i = 0; i < nodes.Length; i++)
        {
            var (node, received) = (nodes[i], before[i]);
            await Eventually.TrueAsync("all is heard", () => Task.FromResult(node.Figures.Received > received));
        }
    }
}
