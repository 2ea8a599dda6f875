using Unstale.IntegrationTests.Redis.Partitions;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Channel bridged to a log of four partitions.</summary>
public sealed class PartitionedBridgeTests : BridgeTest
{
    private const int Partitions = 4;

    [Fact]
    public async Task A_batch_of_keys_and_a_pattern_from_the_channel_reach_every_partition()
    {
        await using var one = await ChannelNode.StartAsync(Server, partitions: Partitions);
        await using var two = await ChannelNode.StartAsync(Server, partitions: Partitions);
        var named = PartitionedLog.KeyOfEach(Partitions, "named");
        var matched = PartitionedLog.KeyOfEach(Partitions, "matched");
        var kept = PartitionedLog.KeyOfEach(Partitions, "kept");
        ChannelNode[] nodes = [one, two];
        await HoldAsync(nodes, [.. named, .. matched, .. kept]);
        await Foreign.InvalidateBatchAsync(named, Stop);
        await LoseAsync(nodes, named);
        await Foreign.InvalidatePatternAsync("matched:*", Stop);
        await LoseAsync(nodes, matched);
        Assert.All(nodes, node => Assert.All(kept, key => Assert.True(node.Holds(key))));

        // Both nodes received each message, and each partition has one record of it.
        await SettledAsync(nodes);
        for (var p = 0; p < Partitions; p++)
            Assert.Equal([$"key {named[p]}", "glob matched:*"], await Server.RecordsAsync(p));
    }

    [Fact]
    public async Task An_entity_from_the_channel_invalidates_its_key_in_one_partition_and_its_tags_in_every_partition()
    {
        await using var node = await ChannelNode.StartAsync(Server, partitions: Partitions);
        var lists = PartitionedLog.KeyOfEach(Partitions, "list");
        await node.HoldsAsync("user:1");
        foreach (var list in lists)
            await node.HoldsAsync(list, "user:1");
        await Foreign.InvalidateUserAsync("1", Stop);
        await LoseAsync([node], [.. lists, "user:1"]);
        var records = new List<string>();
        for (var p = 0; p < Partitions; p++)
            records.Add(Assert.Single(await Server.RecordsAsync(p)));
        Assert.Equal(["key user:1 tag user tag user:1", "tag user tag user:1", "tag user tag user:1", "tag user tag user:1"], records.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_tag_invalidated_in_every_partition_is_published_once_and_so_is_each_key()
    {
        await using var one = await ChannelNode.StartAsync(Server, static o => o.PublishRecords = true, partitions: Partitions);
        await using var two = await ChannelNode.StartAsync(Server, static o => o.PublishRecords = true, partitions: Partitions);
        await using var ears = new Ears(Server);
        await ears.Subscribed;
        var keys = PartitionedLog.KeyOfEach(Partitions);
        await HoldAsync([one, two], keys);
        await one.Cache.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await one.Cache.Invalidator.InvalidatePatternAsync(new GlobPattern("x?"), cancellationToken: Stop);
        await one.Cache.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        foreach (var key in keys)
            await one.Cache.RemoveAsync(key, Stop);
        await one.Cache.Invalidator.InvalidateAsync(["first", "second", "third", "fourth"], ["u"], cancellationToken: Stop);
        await one.Cache.RemoveAsync("last", Stop);
        await Eventually.TrueAsync("the last key is published", () => Task.FromResult(Keys(ears).Contains("last")));
        await SettledAsync([one, two]);
        Assert.Equal(["*", "t:*", "u:*", "x?"], ears.Words.Where(static w => w.StartsWith("Pattern ", StringComparison.Ordinal)).Select(static w => w["Pattern ".Length..]).Order(StringComparer.Ordinal));
        Assert.Equal(new[] { "first", "second", "third", "fourth", "last" }.Concat(keys).Order(StringComparer.Ordinal), Keys(ears).Order(StringComparer.Ordinal));

        // No message was echoed: each partition has the three selector records, its key, and its part of the call with several targets.
        long[] expected = [5, 5, 5, 5];
        expected[KeyPartition.ForKey("last", Partitions)]++;
        Assert.Equal(expected, await Server.LengthsAsync(Partitions));
    }

    /// <summary>Returns the keys of all messages that name any.</summary>
    private static IEnumerable<string> Keys(Ears ears) => ears.Words
        .Where(static word => !word.StartsWith("Pattern ", StringComparison.Ordinal))
        .SelectMany(static word => word[(word.IndexOf(' ', StringComparison.Ordinal) + 1)..].Split(','));

    private static async Task HoldAsync(ChannelNode[] nodes, string[] keys)
    {
        foreach (var node in nodes)
        {
            foreach (var key in keys)
                await node.HoldsAsync(key);
        }
    }

    private static async Task LoseAsync(ChannelNode[] nodes, string[] keys)
    {
        foreach (var node in nodes)
        {
            foreach (var key in keys)
                await node.LosesAsync(key);
        }
    }

    /// <summary>Publishes an empty message and waits until every node has received it, after all earlier messages.</summary>
    private async Task SettledAsync(ChannelNode[] nodes)
    {
        var before = nodes.Select(static node => node.Figures.Received).ToList();
        await Foreign.InvalidateBatchAsync([], Stop);
        foreach (var (i, node) in nodes.Index())
            await Eventually.TrueAsync("all messages are received", () => Task.FromResult(node.Figures.Received > before[i]));
    }
}
