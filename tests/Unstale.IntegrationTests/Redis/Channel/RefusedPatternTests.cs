using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Channels that may not invalidate everything: neither one message nor several together have the same effect.</summary>
public sealed class RefusedPatternTests : BridgeTest
{
    [Theory]
    [InlineData("*")]
    [InlineData("?*")]
    [InlineData("*?")]
    [InlineData("??*")]
    [InlineData("[^x]*")]
    [InlineData("[!-~]*")]
    [InlineData("[a-z]*")]
    [InlineData("[u]*")]
    [InlineData("*:*")]
    [InlineData("*e*")]
    [InlineData("[")]
    [InlineData("?ser:1")]
    public async Task A_pattern_that_begins_with_a_wildcard_is_refused_and_the_next_message_is_received(string pattern)
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("order:1");
        await Foreign.InvalidatePatternAsync(pattern, Stop);
        await Foreign.InvalidateBatchAsync(["order:1"], Stop);
        await node.LosesAsync("order:1");
        Assert.True(node.Holds("user:1"));
        Assert.Equal(["key order:1"], await Server.RecordsAsync());
        Assert.Equal(1, node.Figures.Refused);
    }

    [Fact]
    public async Task A_pattern_that_begins_with_an_escaped_wildcard_has_a_literal_prefix()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("*user:1");
        await node.HoldsAsync("user:1");
        await Foreign.InvalidatePatternAsync("\\*user:*", Stop);
        await node.LosesAsync("*user:1");
        Assert.True(node.Holds("user:1"));
    }

    [Theory]
    [InlineData(70, "p{0}:*")]
    [InlineData(300, "p{0}:*")]
    [InlineData(300, "{0}*")]
    public async Task Many_patterns_do_not_become_everything_and_all_of_them_are_in_force_at_last(int count, string pattern)
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        var keys = Enumerable.Range(0, count).Select(i => string.Format(pattern, i).Replace("*", "1", StringComparison.Ordinal)).ToList();
        foreach (var key in keys)
            await node.HoldsAsync(key);
        for (var i = 0; i < count; i++)
            await Foreign.InvalidatePatternAsync(string.Format(pattern, i), Stop);
        foreach (var key in keys)
            await node.LosesAsync(key);
        Assert.True(node.Holds("user:1"));
        Assert.DoesNotContain("everything ", await Server.RecordsAsync());
    }

    [Fact]
    public async Task Many_changes_of_types_without_an_id_do_not_become_everything()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("t69:1");
        await node.HoldsAsync("list", "t3");
        for (var i = 0; i < 70; i++)
        {
            var message = Foreign.Update(EntityType.Custom($"t{i}"), "x").ToString().Replace("\"x\"", "null", StringComparison.Ordinal);
            await Server.RunAsync("PUBLISH", "cache:invalidate", message);
        }

        await node.LosesAsync("t69:1");
        await node.LosesAsync("list");
        Assert.True(node.Holds("user:1"));
        Assert.DoesNotContain("everything ", await Server.RecordsAsync());
    }

    [Fact]
    public async Task Many_changes_whose_rule_names_a_pattern_do_not_become_everything()
    {
        await using var node = await ChannelNode.StartAsync(
            Server, static o => o.AcceptEverything = false, rules: static r => r.When("user").InvalidateGlobs("feed:{id}:*"));
        await node.HoldsAsync("other");
        await node.HoldsAsync("feed:99:a");
        for (var i = 0; i < 100; i++)
            await Foreign.InvalidateUserAsync($"{i}", Stop);
        await node.LosesAsync("feed:99:a");
        Assert.True(node.Holds("other"));
        Assert.DoesNotContain("everything ", await Server.RecordsAsync());
    }

    [Fact]
    public async Task A_batch_of_too_many_keys_invalidates_their_common_prefix_and_no_other_key()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("k:10000");
        await Foreign.InvalidateBatchAsync(Enumerable.Range(0, 10_001).Select(static i => $"k:{i}"), Stop);
        await node.LosesAsync("k:10000");
        Assert.True(node.Holds("user:1"));
        Assert.All(await Server.RecordsAsync(), static record => Assert.StartsWith("glob k:", record, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Patterns_of_many_invented_services_do_not_become_everything()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("p199:1");
        for (var i = 0; i < 200; i++)
            await Server.RunAsync("PUBLISH", "cache:invalidate", InvalidationMessage.ForPattern($"p{i}:*", $"service-{i}").ToString());
        await node.LosesAsync("p199:1");
        Assert.True(node.Holds("user:1"));
        Assert.DoesNotContain("everything ", await Server.RecordsAsync());
    }

    [Fact]
    public async Task Patterns_are_reduced_to_their_prefixes_while_no_sweep_is_possible()
    {
        await Server.RunAsync("ACL", "SETUSER", "default", "-scan");
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("p99:1");
        for (var i = 0; i < 100; i++)
            await Foreign.InvalidatePatternAsync($"p{i}:*", Stop);
        await node.LosesAsync("p99:1");
        Assert.True(node.Holds("user:1"));
        Assert.DoesNotContain("everything ", await Server.RecordsAsync());
    }

    [Fact]
    public async Task Keys_of_a_service_do_not_wait_for_its_pending_patterns()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o => o.AcceptEverything = false);
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("p63:1");
        for (var i = 0; i < 64; i++)
            await Foreign.InvalidatePatternAsync($"p{i}:*", Stop);
        await Foreign.InvalidateUserAsync("1", Stop);
        await node.LosesAsync("user:1");
        var records = await Server.RecordsAsync();
        Assert.True(records.IndexOf("key user:1 tag user tag user:1") < 40, string.Join(", ", records));
        await node.LosesAsync("p63:1");
    }
}
