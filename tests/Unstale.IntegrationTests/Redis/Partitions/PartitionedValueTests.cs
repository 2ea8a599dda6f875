using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Redis.Store;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Values of the second level over a log of four partitions. Each is stored beside the records of its key.</summary>
public sealed class PartitionedValueTests : IAsyncLifetime
{
    private const int Partitions = 4;

    private readonly Truth _truth = new();
    private RedisServer _server = null!;
    private RedisNode _one = null!;
    private RedisNode _two = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _one = new RedisNode(1, PartitionedLog.On(_server, Partitions), PartitionedLog.WithoutDependencies);
        _two = new RedisNode(2, PartitionedLog.On(_server, Partitions), PartitionedLog.WithoutDependencies);
        await _one.TrustedAsync();
        await _two.TrustedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Loaded_and_set_values_lie_in_the_partition_of_their_key_where_another_node_finds_them()
    {
        var loaded = PartitionedLog.KeyOfEach(Partitions);
        var set = PartitionedLog.KeyOfEach(Partitions, "set");
        foreach (var key in loaded)
        {
            _truth.Commit(key, 1);
            Assert.Equal(CacheOutcome.Fill, (await _one.ReadAsync(key, _truth)).Outcome);
            Assert.Equal((CacheOutcome.Remote, 1L), await FoundAsync(_two, key));
        }

        foreach (var key in set)
        {
            await _one.Cache.SetAsync(key, 7L, cancellationToken: Stop);
            Assert.Equal((CacheOutcome.Remote, 7L), await FoundAsync(_two, key));
        }

        Assert.Equal(Partitions, _truth.Loads);
        Assert.Equal(loaded.Select((key, p) => ValueOf(p, key)).Concat(set.Select((key, p) => ValueOf(p, key))).Order(StringComparer.Ordinal), await ValuesAsync());
    }

    [Fact]
    public async Task A_tag_makes_the_values_of_every_partition_untrue_and_a_key_that_of_its_own()
    {
        var keys = PartitionedLog.KeyOfEach(Partitions);
        foreach (var key in keys)
        {
            _truth.Commit(key, 1);
            await _one.ReadAsync(key, _truth, "t");
            await _two.ReadAsync(key, _truth, "t");
            _truth.Commit(key, 1);
        }

        var receipt = await _one.Invalidator.InvalidateKeyAsync(keys[2], cancellationToken: Stop);
        Assert.True(await _two.Cache.CaughtUpToAsync(receipt.Positions, cancellationToken: Stop));
        foreach (var (p, key) in keys.Index())
            Assert.Equal(p == 2 ? (CacheOutcome.Fill, 2L) : (CacheOutcome.Memory, 1L), await FoundAsync(_two, key, "t"));
        receipt = await _one.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.True(await _two.Cache.CaughtUpToAsync(receipt.Positions, cancellationToken: Stop));
        foreach (var key in keys)
            Assert.Equal((CacheOutcome.Fill, 2L), await FoundAsync(_two, key, "t"));
        foreach (var key in keys)
            Assert.Equal((CacheOutcome.Remote, 2L), await FoundAsync(_one, key, "t"));
    }

    [Fact]
    public async Task Sweeps_after_a_pattern_remove_the_values_of_every_partition()
    {
        foreach (var key in PartitionedLog.KeyOfEach(Partitions, "swept").Concat(PartitionedLog.KeyOfEach(Partitions, "kept")))
            await _one.ReadAsync(key, _truth);
        await _two.Invalidator.InvalidatePatternAsync(new GlobPattern("swept:*"), cancellationToken: Stop);
        await Eventually.TrueAsync("no partition lists the pattern any more", async () =>
        {
            for (var p = 0; p < Partitions; p++)
            {
                if ((await _server.RunAsync("HGET", ServerFaults.BaseOf(p) + "ctl", "broad")).Text().Length > 0)
                    return false;
            }

            return true;
        });
        Assert.Equal(PartitionedLog.KeyOfEach(Partitions, "kept").Select(static (key, p) => ValueOf(p, key)).Order(StringComparer.Ordinal), await ValuesAsync());
    }

    [Fact]
    public async Task A_load_that_reads_a_key_of_another_partition_takes_it_from_the_source()
    {
        var keys = PartitionedLog.KeyOfEach(Partitions);
        foreach (var key in keys)
        {
            await _one.ReadAsync(key, _truth);
            _truth.Commit(key, 1);
        }

        var total = await _one.Cache.GetOrCreateAsync(keys[0] + ":sum", async _ => await SumAsync(keys), cancellationToken: Stop);
        Assert.Equal(Partitions - 1, total); // the key of its own partition is read from memory
        Assert.True(_one.Says("a load read a key of another partition"));
    }

    private async Task<long> SumAsync(string[] keys)
    {
        var sum = 0L;
        foreach (var key in keys)
            sum += (await _one.ReadAsync(key, _truth)).Value;
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
        await using var connection = await RawConnection.ConnectAsync(_server.EndPoint);
        return await connection.KeysAsync("*:v:*");
    }
}
