using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Values that depend on rows: invalidated on every node by the changes that hit their predicates, and on the server by their tables.</summary>
public sealed class RowTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;
    private long _version;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_changed_row_invalidates_on_every_node_the_values_whose_predicates_it_hits()
    {
        await HoldEverywhereAsync("third", 3);
        await HoldEverywhereAsync("fourth", 4);
        _version = 1;
        await ChangeAsync(_cluster[0], category: 3);
        Assert.False(_cluster[0].Holds("third"));
        await Eventually.TrueAsync("the other node does not hold it", () => Task.FromResult(!_cluster[1].Holds("third")));
        Assert.True(_cluster[0].Holds("fourth") && _cluster[1].Holds("fourth"));
        Assert.Equal(1, (await ReadAsync(_cluster[1], "third", 3)).Value);

        var fresh = _cluster.Add();
        await fresh.TrustedAsync();
        Assert.Equal(1, (await ReadAsync(fresh, "third", 3)).Value);
    }

    [Fact]
    public async Task The_second_level_serves_a_value_that_no_change_of_its_table_followed()
    {
        await ChangeAsync(_cluster[0], category: 3);
        await HoldEverywhereAsync("third", 3);
        await _cluster[0].Invalidator.ChangedAsync(new Change("order", "1") { After = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = 1 } }, Stop);
        var fresh = _cluster.Add();
        await fresh.TrustedAsync();
        Assert.Equal((0, CacheOutcome.Remote), (await ReadAsync(fresh, "third", 3)) is var read ? (read.Value, read.Outcome) : default);
        Assert.Equal(["product[category_id=3]{*}"], (await fresh.Cache.ExplainAsync("third", cancellationToken: Stop)).Rows);

        // The value keeps its predicates, so that the next change invalidates it here too.
        _version = 1;
        await ChangeAsync(_cluster[1], category: 3);
        await Eventually.TrueAsync("the fresh node loads it again", async () => (await ReadAsync(fresh, "third", 3)).Value == 1);
    }

    [Fact]
    public async Task The_second_level_serves_a_node_that_has_seen_no_change_hit_the_value()
    {
        await HoldEverywhereAsync("fourth", 4);
        await HoldAsync(_cluster[0], "third", 3);
        await ChangeAsync(_cluster[0], category: 4);
        await Eventually.TrueAsync("the other node has the record", () => Task.FromResult(!_cluster[1].Holds("fourth")));
        Assert.Equal((0, CacheOutcome.Remote), (await ReadAsync(_cluster[1], "third", 3)) is var read ? (read.Value, read.Outcome) : default);
    }

    [Fact]
    public async Task A_table_reported_without_values_invalidates_everywhere()
    {
        await HoldEverywhereAsync("third", 3);
        _version = 1;
        await _cluster[0].Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
        await Eventually.TrueAsync("the other node does not hold it", () => Task.FromResult(!_cluster[1].Holds("third")));
        var fresh = _cluster.Add();
        await fresh.TrustedAsync();
        Assert.Equal(1, (await ReadAsync(fresh, "third", 3)).Value);
    }

    private static Task<InvalidationReceipt> ChangeAsync(RedisNode node, int category) => node.Invalidator.ChangedAsync(
        new Change("product", "7", ChangeOperation.Create) { After = new Dictionary<string, object?>(StringComparer.Ordinal) { ["id"] = 7, ["category_id"] = category } }, Stop).AsTask();

    private ValueTask<CacheResult<long>> ReadAsync(RedisNode node, string key, int category) => node.Cache.GetOrCreateResultAsync(
        key,
        (context, _) =>
        {
            context.DependsOn(Predicate.On("product").Where("category_id", category));
            return new ValueTask<long>(_version);
        },
        cancellationToken: Stop);

    private async Task HoldEverywhereAsync(string key, int category)
    {
        foreach (var node in _cluster.Nodes)
            await HoldAsync(node, key, category);
    }

    private async Task HoldAsync(RedisNode node, string key, int category)
    {
        await Eventually.TrueAsync($"{node.ClientName} holds it", async () => (await ReadAsync(node, key, category)).Value == _version && node.Holds(key));
        await Eventually.TrueAsync("the second level has it", async () => (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}v:shop:{key}")).Integer == 1);
    }
}
