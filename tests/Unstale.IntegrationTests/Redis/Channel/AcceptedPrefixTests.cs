using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Keys that a service may name if prefixes are listed.</summary>
public sealed class AcceptedPrefixTests : BridgeTest
{
    [Theory]
    [InlineData("*")]
    [InlineData("u*")]
    [InlineData("user*")]
    [InlineData("use[r]:*")]
    [InlineData("order:*")]
    [InlineData("User:*")]
    [InlineData("\\user\\:1")]
    public async Task A_pattern_that_may_match_more_than_the_prefix_is_refused(string pattern)
    {
        await using var node = await StartAsync();
        foreach (var key in (string[])["user:1", "userland", "order:1", "post:1"])
            await node.HoldsAsync(key);
        await Foreign.InvalidatePatternAsync(pattern, Stop);
        await Foreign.InvalidatePatternAsync("post:*", Stop);
        await node.LosesAsync("post:1");
        var isExact = pattern.Contains('\\');
        Assert.Equal(!isExact, node.Holds("user:1"));
        Assert.True(node.Holds("userland") && node.Holds("order:1"));
        Assert.Equal(isExact ? 0 : 1, node.Figures.Refused);
    }

    [Fact]
    public async Task Only_the_accepted_keys_of_a_batch_are_invalidated()
    {
        await using var node = await StartAsync();
        await node.HoldsAsync("user:1");
        await node.HoldsAsync("order:1");
        await Foreign.InvalidateBatchAsync(["order:1", "user:1", "userland", ""], Stop);
        await node.LosesAsync("user:1");
        Assert.True(node.Holds("order:1"));
        Assert.Equal(["key user:1"], await Server.RecordsAsync());
        Assert.Equal(1, node.Figures.Refused);
        Assert.Single(node.Received.Lines, static line => line.Text.Contains("AcceptFrom", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entity_of_another_type_is_refused_with_and_without_an_id()
    {
        await using var node = await StartAsync();
        await node.HoldsAsync("order:1", "order");
        await node.HoldsAsync("post:1");
        await Foreign.PublishAsync(Foreign.Update(EntityType.Custom("order"), "1"), Stop);
        await Foreign.PublishAsync(Foreign.Delete(EntityType.Custom("order"), "1"), Stop);
        await Foreign.PublishAsync(Foreign.Delete(EntityType.Custom("*"), "1"), Stop);
        await Foreign.PublishAsync(Foreign.Delete(EntityType.Custom("user"), ""[..0] + "x"), Stop);
        await Server.RunAsync("PUBLISH", "cache:invalidate", Foreign.Update(EntityType.Custom("order"), "x").ToString().Replace("\"x\"", "null", StringComparison.Ordinal));
        await Foreign.InvalidatePostAsync("1", Stop);
        await node.LosesAsync("post:1");
        Assert.True(node.Holds("order:1"));
        Assert.Equal(4, node.Figures.Refused);
    }

    [Fact]
    public async Task Accepted_prefixes_do_not_limit_keys_added_by_rules_and_dependencies_of_the_cache()
    {
        await using var node = await ChannelNode.StartAsync(Server, Limit, rules: static r => r.When("user").Invalidate("session").InvalidateKeys("other:{id}"));
        await node.HoldsAsync("sessions", "session");
        await node.HoldsAsync("other:1");
        await node.HoldsAsync("dependent");
        node.Rules.AddDependency("dependent", "user:1");
        await Foreign.InvalidateUserAsync("1", Stop);
        foreach (var key in (string[])["sessions", "other:1", "dependent"])
            await node.LosesAsync(key);
        Assert.Equal(0, node.Figures.Refused);
    }

    [Fact]
    public async Task An_accepted_prefix_inside_a_type_admits_its_entities_but_no_list_of_the_whole_type()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o =>
        {
            o.AcceptEverything = false;
            o.Accept("user:eu:");
        });
        await node.HoldsAsync("user:eu:1");
        await node.HoldsAsync("profile", "user:eu:1");
        await node.HoldsAsync("list", "user");
        await Foreign.InvalidateUserAsync("us:1", Stop);
        await Foreign.InvalidateUserAsync("eu:1", Stop);
        await node.LosesAsync("user:eu:1");
        await node.LosesAsync("profile");
        Assert.True(node.Holds("list"));
        Assert.Equal(1, node.Figures.Refused);
    }

    [Fact]
    public async Task A_service_with_its_own_accepted_prefixes_may_name_only_those_prefixes()
    {
        await using var node = await ChannelNode.StartAsync(Server, static o =>
        {
            o.AcceptEverything = false;
            o.Accept("post:").AcceptFrom("user-service", "user:").AcceptFrom("mute").AcceptFrom("prices", "price:");
            o.AddChannel("prices", static payload => ForeignInvalidation.OfKeys(System.Text.Encoding.UTF8.GetString(payload.Span)));
        });
        foreach (var key in (string[])["user:1", "post:1", "price:1", "post:2"])
            await node.HoldsAsync(key);
        await Foreign.InvalidateBatchAsync(["post:1"], Stop);
        await Server.RunAsync("PUBLISH", "cache:invalidate", InvalidationMessage.Batch(["post:1", "user:1"], "mute").ToString());
        await Server.RunAsync("PUBLISH", "cache:invalidate", InvalidationMessage.Batch(["user:1"], "anybody").ToString());
        await Server.RunAsync("PUBLISH", "prices", "user:1");
        await Server.RunAsync("PUBLISH", "prices", "price:1");
        await Server.RunAsync("PUBLISH", "cache:invalidate", InvalidationMessage.Batch(["post:2"], "anybody").ToString());
        await node.LosesAsync("price:1");
        await node.LosesAsync("post:2");
        Assert.True(node.Holds("user:1") && node.Holds("post:1"));
        Assert.Equal(4, node.Figures.Refused);
    }

    [Fact]
    public async Task Patterns_received_faster_than_sweeps_collapse_to_the_accepted_prefixes_of_the_service()
    {
        await using var node = await StartAsync();
        await node.HoldsAsync("user:499:1");
        await node.HoldsAsync("post:1");
        await node.HoldsAsync("order:1");
        for (var i = 0; i < 500; i++)
            await Server.RunAsync("PUBLISH", "cache:invalidate", InvalidationMessage.ForPattern($"user:{i}:*", $"invented-{i}").ToString());
        await node.LosesAsync("user:499:1");
        Assert.True(node.Holds("post:1") && node.Holds("order:1"));
        var records = await Server.RecordsAsync();
        Assert.Contains("glob user:*", records);
        Assert.All(records, static record => Assert.StartsWith("glob user:", record, StringComparison.Ordinal));
        Assert.InRange(node.Figures.Collapsed, 1, 500);
        Assert.Single(node.Received.Lines, static line => line.Text.Contains("faster than they can be swept", StringComparison.Ordinal));
    }

    [Fact]
    public void Lost_messages_invalidate_all_accepted_prefixes_and_nothing_else()
    {
        var options = new ChannelBridgeOptions { AcceptEverything = false }.Accept("user:", "post:eu:");
        var all = new InboundRecords(options, new Unstale.Rules.InvalidationRules(TimeProvider.System), Unstale.Boundary.GuardedTime.Over(TimeProvider.System)).AllAccepted("c")!;
        Assert.Equal(["user:*", "post:eu:*"], all.Patterns.Select(static pattern => pattern.Text));
        Assert.Equal(["user", "post"], all.Records.SelectMany(static record => record.Record.Targets.ToArray()).Select(static target => target.Text));
        Assert.Null(new InboundRecords(new() { AcceptEverything = false }, new Unstale.Rules.InvalidationRules(TimeProvider.System), Unstale.Boundary.GuardedTime.Over(TimeProvider.System)).AllAccepted("c"));
    }

    [Fact]
    public void Lists_that_cannot_work_are_refused()
    {
        Assert.Equal(
            "A prefix is empty, which would accept everything. Pass the beginning of the keys, such as user:, or set AcceptEverything. (Parameter 'prefixes')",
            Assert.Throws<ArgumentException>(static () => new ChannelBridgeOptions().Accept("user:", "")).Message);
        Assert.Equal(
            ["Accept or AcceptFrom lists prefixes, and AcceptEverything is true, its default. Set AcceptEverything to false, or remove the prefixes."],
            new ChannelBridgeOptions().Accept("user:").Problems());
        var options = new ChannelBridgeOptions { AcceptEverything = false, PatternsPerSecond = 33, PatternCapacity = 0 };
        options.Accept(Enumerable.Range(0, 20).Select(static i => $"a{i}:")).AcceptFrom("s", Enumerable.Range(0, 5).Select(static i => $"b{i}:"));
        Assert.Equal(
            [
                "Accept and AcceptFrom list 25 prefixes; the maximum is 24. Use a shorter prefix in place of several.",
                "PatternsPerSecond is 33; it must be from 1 to 32.",
                "PatternCapacity is 0; it must be from 1 to 1024.",
            ],
            options.Problems());
    }

    private Task<ChannelNode> StartAsync() => ChannelNode.StartAsync(Server, Limit);

    private static void Limit(ChannelBridgeOptions options)
    {
        options.AcceptEverything = false;
        options.Accept("user:", "post:");
    }
}
