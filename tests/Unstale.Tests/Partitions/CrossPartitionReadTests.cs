using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests.Partitions;

/// <summary>
/// A load that reads keys of other partitions. Positions of different partitions have no order, so entries of other partitions prove
/// nothing about the load's own partition.
/// </summary>
public sealed class CrossPartitionReadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("read")]
    [InlineData("try")]
    public async Task A_load_does_not_use_an_entry_of_another_partition_that_lags_behind(string by)
    {
        await using var cluster = new PartitionedCluster(2);
        var (outer, inner) = (cluster.KeysOf(0)[0], cluster.KeysOf(1)[0]);
        var source = new Source();
        await cluster.A.ReadAsync(inner, source, "t");

        // The tag's record is in both partitions, and this node has received one of the two.
        cluster.A.Clients[1].Session.HoldsPushes = true;
        source.Value = "v2";
        await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.True(cluster.A.Holds(inner));

        Assert.Equal("v2", await OuterAsync());
        Assert.Equal("v2", await OuterAsync());
        Assert.True(cluster.A.Holds(outer));

        ValueTask<string> OuterAsync() => cluster.A.Cache.GetOrCreateAsync(
            outer,
            async token => by == "try"
                ? cluster.A.Cache.TryGet(inner, out string held) ? held : await source.LoadAsync(token)
                : (await cluster.A.ReadAsync(inner, source, "t")).Value,
            tags: ["t"],
            cancellationToken: Stop);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task A_call_for_keys_of_several_partitions_reads_no_entries_from_memory(bool hasSeveral, int loads)
    {
        await using var cluster = new PartitionedCluster(2);
        var (here, there) = (cluster.KeysOf(1, 2), cluster.KeysOf(0)[0]);
        var source = new Source();
        await cluster.A.ReadAsync(here[1], source);
        await cluster.A.Cache.GetOrCreateManyAsync<string>(
            hasSeveral ? [here[0], there] : [here[0]],
            async (keys, _) =>
            {
                var part = (await cluster.A.ReadAsync(here[1], source)).Value;
                return keys.ToDictionary(static key => key, _ => part, StringComparer.Ordinal);
            },
            cancellationToken: Stop);
        Assert.Equal(loads, source.Loads);
    }

    [Fact]
    public async Task A_load_reads_entries_of_its_own_partition_from_memory_and_others_from_the_source()
    {
        await using var cluster = new PartitionedCluster(2);
        var (here, there) = (cluster.KeysOf(0, 2), cluster.KeysOf(1)[0]);
        var (own, other) = (new Source(), new Source());
        await cluster.A.ReadAsync(here[1], own);
        await cluster.A.ReadAsync(there, other);
        Assert.Equal("v1v1", await MadeAsync());
        Assert.Equal((1, 2), (own.Loads, other.Loads));
        Assert.Equal("v1v1", await MadeAsync());
        Assert.Equal((1, 2), (own.Loads, other.Loads));
        Assert.Equal(1, cluster.A.Log.Times("a load read a key of another partition of the log shared"));
        Assert.Equal(CacheOutcome.Memory, (await cluster.A.ReadAsync(there, other)).Outcome);

        ValueTask<string> MadeAsync() => cluster.A.Cache.GetOrCreateAsync(
            here[0], async _ => (await cluster.A.ReadAsync(here[1], own)).Value + (await cluster.A.ReadAsync(there, other)).Value, cancellationToken: Stop);
    }

    [Fact]
    public async Task A_load_nested_two_levels_deep_belongs_to_the_partition_of_the_outermost_load()
    {
        await using var cluster = new PartitionedCluster(2);
        var (outer, between, inner) = (cluster.KeysOf(0)[0], cluster.KeysOf(1)[0], cluster.KeysOf(1, 2)[1]);
        var source = new Source();
        await cluster.A.ReadAsync(inner, source);
        await cluster.A.Cache.GetOrCreateAsync(
            outer,
            async token => await cluster.A.Cache.GetOrCreateAsync(between, async _ => (await cluster.A.ReadAsync(inner, source)).Value, cancellationToken: token),
            cancellationToken: Stop);
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task A_recursive_load_through_another_partition_throws_RecursiveLoadException()
    {
        await using var cluster = new PartitionedCluster(2);
        var (outer, inner) = (cluster.KeysOf(0)[0], cluster.KeysOf(1)[0]);
        await Assert.ThrowsAsync<RecursiveLoadException>(async () => await cluster.A.Cache.GetOrCreateAsync(
            outer,
            async token => await cluster.A.Cache.GetOrCreateAsync(
                inner, async t => await cluster.A.Cache.GetOrCreateAsync(outer, static _ => new ValueTask<string>("v"), cancellationToken: t), cancellationToken: token),
            cancellationToken: Stop));
    }

    [Fact]
    public void Recorded_dependencies_are_refused_at_the_start()
    {
        var refused = Assert.Throws<InvalidOperationException>(static () => new PartitionedCluster(configure: static o => o.RecordDependencies = true));
        Assert.Equal(
            "Cache 'shop': RecordDependencies is true, and the log 'shared' has 4 partitions. A record of a key is appended only to the partition of that key, so values in other partitions that were made from the key would still be served. Set RecordDependencies to false and give the values the same tag, or use one partition.",
            refused.Message);
        refused = Assert.Throws<InvalidOperationException>(
            static () => new PartitionedCluster(configure: static o => o.KeyPrefixes["a:"] = new() { RecordDependencies = true }));
        Assert.Contains("KeyPrefixes[a:].RecordDependencies", refused.Message, StringComparison.Ordinal);
        refused = Assert.Throws<InvalidOperationException>(
            static () => new PartitionedCluster(configure: static o => o.AddEntryOptions<string>(new() { RecordDependencies = true })));
        Assert.Contains("AddEntryOptions<System.String>.RecordDependencies", refused.Message, StringComparison.Ordinal);
        _ = new PartitionedCluster(partitions: 1, configure: static o => o.RecordDependencies = true);
    }

    [Fact]
    public async Task A_call_that_enables_recorded_dependencies_is_refused()
    {
        await using var cluster = new PartitionedCluster();
        var refused = await Assert.ThrowsAsync<ArgumentException>(async () => await cluster.A.Cache.GetOrCreateAsync(
            "k", static _ => new ValueTask<string>("v"), new UnstaleEntryOptions { RecordDependencies = true }, cancellationToken: Stop));
        Assert.StartsWith("UnstaleEntryOptions.RecordDependencies is true, and the log of the cache has several partitions", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void A_number_of_partitions_out_of_range_is_refused(int partitions)
    {
        var refused = Assert.Throws<InvalidOperationException>(() => new PartitionedCluster(partitions));
        Assert.Equal($"The log 'shared' has {partitions} partitions. Expected 1 to 256.", refused.Message);
    }
}
