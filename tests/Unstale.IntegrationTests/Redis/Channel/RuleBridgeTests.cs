using Unstale.Redis.Channel;
using Unstale.Rules;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Change messages of another service, expanded by the rules of the cache.</summary>
public sealed class RuleBridgeTests : BridgeTest
{
    [Fact]
    public async Task A_received_change_is_expanded_by_the_rules_into_one_record_of_all_nodes()
    {
        await using var one = await ChannelNode.StartAsync(Server, rules: Declare);
        await using var other = await ChannelNode.StartAsync(Server, rules: Declare);
        await one.HoldsAsync("sessions", "session");
        await other.HoldsAsync("gone", "tombstone:7");
        await other.HoldsAsync("kept", "other");

        await Foreign.PublishAsync(Foreign.Delete(EntityType.User, "7"), Stop);

        await one.LosesAsync("sessions");
        await other.LosesAsync("gone");
        Assert.True(other.Holds("kept"));
        Assert.Equal(["key user:7 tag user tag user:7 tag session tag tombstone:7"], await Server.RecordsAsync());
    }

    [Fact]
    public async Task A_message_does_not_trigger_a_rule_for_another_operation()
    {
        await using var node = await ChannelNode.StartAsync(Server, rules: Declare);
        await node.HoldsAsync("gone", "tombstone:7");
        await node.HoldsAsync("user:7");

        await Foreign.PublishAsync(Foreign.Update(EntityType.User, "7"), Stop);

        await node.LosesAsync("user:7");
        Assert.True(node.Holds("gone"));
    }

    [Fact]
    public async Task A_change_message_for_a_key_invalidates_its_declared_dependents()
    {
        await using var node = await ChannelNode.StartAsync(Server);
        await node.HoldsAsync("feed:7");
        node.Rules.AddDependency("feed:7", "user:7");

        await Foreign.InvalidateBatchAsync(["user:7"], Stop);

        await node.LosesAsync("feed:7");
        Assert.Equal(["key user:7 key feed:7"], await Server.RecordsAsync());
    }

    [Fact]
    public async Task A_message_with_a_type_invalid_for_changes_does_not_block_the_next_message()
    {
        await using var node = await ChannelNode.StartAsync(Server, rules: Declare);
        await node.HoldsAsync("sessions", "session");

        await Foreign.PublishAsync(Foreign.Delete(EntityType.Custom("\0odd"), "1"), Stop);
        await Foreign.PublishAsync(Foreign.Delete(EntityType.User, "7"), Stop);

        await node.LosesAsync("sessions");
    }

    private static void Declare(RuleSetBuilder rules)
    {
        rules.When("user").Invalidate("session").Strategy(InvalidationStrategy.Batched);
        rules.When("user").On(ChangeOperation.Delete).Invalidate("tombstone:{id}");
    }
}
