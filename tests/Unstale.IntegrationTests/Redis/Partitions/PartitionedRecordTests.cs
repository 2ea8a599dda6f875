using Unstale.IntegrationTests.Redis.Channel;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Records and positions of a log of four partitions, as a server stores them.</summary>
public sealed class PartitionedRecordTests : PartitionedNodes
{
    [Fact]
    public async Task A_tag_puts_one_record_into_each_partition_and_a_key_one_into_its_own()
    {
        var tag = await One.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        long[] expected = [1, 1, 1, 1];
        Assert.Equal(expected, await Server.LengthsAsync(Partitions));
        Assert.Equal([0, 1, 2, 3], tag.Positions.Select(static p => p.Partition));
        foreach (var key in PartitionedLog.KeyOfEach(Partitions))
        {
            var partition = KeyPartition.ForKey(key, Partitions);
            expected[partition]++;
            var receipt = await One.Invalidator.InvalidateKeyAsync(key, cancellationToken: Stop);
            Assert.Equal(expected, await Server.LengthsAsync(Partitions));
            Assert.Equal(partition, Assert.Single(receipt.Positions).Partition);
        }
    }

    [Fact]
    public async Task Targets_without_a_key_reach_each_partition_once_and_keys_of_one_call_are_shared_out()
    {
        await One.Invalidator.InvalidatePatternAsync(new GlobPattern("a:*"), cancellationToken: Stop);
        await One.Invalidator.InvalidatePatternAsync(new RegexPattern("^b$"), cancellationToken: Stop);
        await One.Invalidator.InvalidateAsync(allOf: ["t", "u"], cancellationToken: Stop);
        await One.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        var keys = PartitionedLog.KeyOfEach(Partitions);
        var receipt = await One.Invalidator.InvalidateAsync([keys[1], keys[3]], ["v"], cancellationToken: Stop);
        Assert.Equal(Partitions, receipt.Positions.Count);
        for (var p = 0; p < Partitions; p++)
        {
            string[] own = p is 1 or 3 ? [$"key {keys[p]} tag v"] : ["tag v"];
            Assert.Equal(["glob a:*", "regex ^b$", "allof", "everything ", .. own], (await Server.RecordsAsync(p)).Select(static r => r.StartsWith("allof", StringComparison.Ordinal) ? "allof" : r));
        }

        receipt = await One.Invalidator.InvalidateAsync([keys[1], keys[3]], cancellationToken: Stop);
        Assert.Equal([1, 3], receipt.Positions.Select(static p => p.Partition));
        long[] lengths = [5, 6, 5, 6];
        Assert.Equal(lengths, await Server.LengthsAsync(Partitions));
    }

    [Fact]
    public async Task The_positions_of_a_receipt_passed_as_text_are_reached_on_another_node()
    {
        var keys = PartitionedLog.KeyOfEach(Partitions);
        for (var round = 0; round < 20; round++)
        {
            foreach (var key in keys)
                await Eventually.TrueAsync("the other node holds the key", () => HoldsAsync(key));
            var receipt = await One.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
            var text = receipt.Positions.ToString();
            Assert.Equal(receipt.Positions, LogPositions.Parse(text));
            Assert.Equal(PositionStatus.Reached, await Two.Cache.WaitForPositionAsync(text, cancellationToken: Stop));
            Assert.All(keys, key => Assert.False(Two.Holds(key)));
        }
    }

    [Fact]
    public async Task A_position_that_no_partition_has_is_Unknown_and_NotYet_while_the_server_does_not_reply()
    {
        var receipt = await One.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, await Two.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
        var third = receipt.Positions.Single(static p => p.Partition == 2);
        var ahead = receipt.Positions.Merge(LogPositions.Of(new LogPosition(2, third.Generation, third.Sequence + 1)));
        Assert.Equal(PositionStatus.Unknown, await Two.Cache.WaitForPositionAsync(ahead, cancellationToken: Stop));
        var beyond = receipt.Positions.Merge(LogPositions.Of(new LogPosition(Partitions, third.Generation, 1)));
        Assert.Equal(PositionStatus.Unknown, await Two.Cache.WaitForPositionAsync(beyond, cancellationToken: Stop));
        await Server.FreezeAsync();
        Assert.Equal(PositionStatus.NotYet, await Two.Cache.WaitForPositionAsync(ahead, TimeSpan.FromMilliseconds(50), Stop));
        await Server.ThawAsync();
    }

    private async Task<bool> HoldsAsync(string key)
    {
        await Two.Cache.GetOrCreateAsync(key, static _ => new ValueTask<long>(1), tags: ["t"], cancellationToken: Stop);
        return Two.Holds(key);
    }
}
