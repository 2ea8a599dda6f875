using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Redis.SecondLevel;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Values of the second level over a log of four partitions. Each is stored beside the records of its key.</summary>
public sealed class PartitionedValueTests : PartitionedNodes
{
    private readonly Truth _truth = new();

    [Fact]
    public async Task Loaded_and_set_values_lie_in_the_partition_of_their_key_where_another_node_finds_them()
    {
        var loaded = PartitionedLog.KeyOfEach(Partitions);
        var set = PartitionedLog.KeyOfEach(Partitions, "set");
        foreach (var key in loaded)
        {
            _truth.Commit(key, 1);
            Assert.Equal(CacheOutcome.Load, (await One.ReadAsync(key, _truth)).Outcome);
            Assert.Equal((CacheOutcome.Remote, 1L), await FoundAsync(Two, key));
        }

        foreach (var key in set)
        {
            await One.Cache.SetAsync(key, 7L, cancellationToken: Stop);
            Assert.Equal((CacheOutcome.Remote, 7L), await FoundAsync(Two, key));
        }

        Assert.Equal(Partitions, _truth.Loads);
        Assert.Equal(loaded.Select((key, p) => ValueOf(p, key)).Concat(set.Select((key, p) => ValueOf(p, key))).Order(StringComparer.Ordinal), await ValuesAsync());
    }

    [Fact]
    public async Task A_tag_invalidates_the_values_of_every_partition_and_a_key_only_the_value_in_its_own()
    {
        var keys = PartitionedLog.KeyOfEach(Partitions);
        foreach (var key in keys)
        {
            _truth.Commit(key, 1);
            await One.ReadAsync(key, _truth, "t");
            await Two.ReadAsync(key, _truth, "t");
            _truth.Commit(key, 1);
        }

        var receipt = await One.Invalidator.InvalidateKeyAsync(keys[2], cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, await Two.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
        foreach (var (p, key) in keys.Index())
            Assert.Equal(p == 2 ? (CacheOutcome.Load, 2L) : (CacheOutcome.Memory, 1L), await FoundAsync(Two, key, "t"));
        receipt = await One.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, await Two.Cache.WaitForPositionAsync(receipt.Positions, cancellationToken: Stop));
        foreach (var key in keys)
            Assert.Equal((CacheOutcome.Load, 2L), await FoundAsync(Two, key, "t"));
        foreach (var key in keys)
            Assert.Equal((CacheOutcome.Remote, 2L), await FoundAsync(One, key, "t"));
    }

    [Fact]
    public async Task Sweeps_after_a_pattern_remove_the_values_of_every_partition()
    {
        foreach (var key in PartitionedLog.KeyOfEach(Partitions, "swept").Concat(PartitionedLog.KeyOfEach(Partitions, "kept")))
            await One.ReadAsync(key, _truth);
        await Two.Invalidator.InvalidatePatternAsync(new GlobPattern("swept:*"), cancellationToken: Stop);
        await Eventually.TrueAsync("no partition lists the pattern any more", async () =>
        {
            for (var p = 0; p < Partitions; p++)
            {
                if ((await Server.RunAsync("HGET", ServerFaults.BaseOf(p) + "ctl", "broad")).Text().Length > 0)
                    return false;
            }

            return true;
        });
        Assert.Equal(PartitionedLog.KeyOfEach(Partitions, "kept").Select(static (key, p) => ValueOf(p, key)).Order(StringComparer.Ordinal), await ValuesAsync());
    }

    [Fact]
    public async Task A_load_reads_a_key_of_another_partition_from_the_source()
    {
        var keys = PartitionedLog.KeyOfEach(Partitions);
        foreach (var key in keys)
        {
            await One.ReadAsync(key, _truth);
            _truth.Commit(key, 1);
        }

        var total = await One.Cache.GetOrCreateAsync(keys[0] + ":sum", async _ => await SumAsync(keys), cancellationToken: Stop);
        Assert.Equal(Partitions - 1, total); // the key of its own partition is read from memory
        Assert.True(One.Says("a load read a key of another partition"));
    }

    private async Task<long> SumAsync(string[] keys)
    {
        var sum = 0L;
        foreach (var key in keys)
            sum += (await One.ReadAsync(key, _truth)).Value;
        return sum;
    }

    private async Task<(CacheOutcome Outcome, long Value)> FoundAsync(RedisNode node, string key, params string[] tags)
    {
        var found = await node.ReadAsync(key, _truth, tags);
        return (found.Outcome, found.Value);
    }

    private static string ValueOf(int partition, string key) => $"{ServerFaults.BaseOf(partition)}v:{RedisNode.CacheName}:{key}";

    /// <summary>Returns the names of all stored values, in every partition.</summary>
    private async Task<string[]> ValuesAsync()
    {
        await using var connection = await RawConnection.ConnectAsync(Server.EndPoint);
        return await connection.KeysAsync("*:v:*");
    }
}
