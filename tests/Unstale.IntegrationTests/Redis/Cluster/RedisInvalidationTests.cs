using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Namespaces, all-of tags and content versions of cached values, over a server.</summary>
public sealed class RedisInvalidationTests : IAsyncLifetime
{
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData("namespace")]
    [InlineData("outer namespace")]
    [InlineData("all-of")]
    public async Task Each_kind_of_invalidation_removes_an_entry_from_every_node_and_from_the_server(string taker)
    {
        Assert.Equal(CacheOutcome.Load, (await ReadAsync(_cluster[0])).Outcome);
        await Eventually.TrueAsync("the other node reads it from the server", async () => (await ReadAsync(_cluster[1])).Outcome == CacheOutcome.Memory);
        Assert.Equal(1, _cluster.Truth.Loads);
        Assert.Equal(1, (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}v:shop:ns:tenant:42/carts//k")).Integer);

        _cluster.Truth.Commit("k", 0);
        await TakeAsync(_cluster[0], taker);
        await Eventually.TrueAsync("the other node has dropped it", () => Task.FromResult(!In(_cluster[1]).TryGet("k", out long _)));
        var late = _cluster.Add();
        await late.TrustedAsync();
        Assert.Equal(new CacheResult<long>(1, CacheOutcome.Load), await ReadAsync(late));
        await Eventually.TrueAsync("the all-of is swept", async () => (await _cluster.Server.RunAsync("HGET", ServerFaults.Base + "ctl", "broad")).Text().Length == 0);
        Assert.Equal(1, (await ReadAsync(_cluster[0])).Value);
    }

    [Fact]
    public async Task An_all_of_selector_does_not_invalidate_an_entry_with_only_one_of_its_tags()
    {
        await ReadAsync(_cluster[0]);
        await _cluster[1].Invalidator.InvalidateAsync(allOf: ["role:admin", "ns:tenant:43"], cancellationToken: Stop);
        await _cluster.AgreedAsync();
        Assert.Equal(CacheOutcome.Memory, (await ReadAsync(_cluster[0])).Outcome);
        Assert.Equal(CacheOutcome.Remote, (await ReadAsync(_cluster[1])).Outcome);
    }

    [Fact]
    public async Task A_content_version_reads_no_value_of_another_version_and_applies_its_invalidations()
    {
        var newer = _cluster.Add(configure: o => o.ContentVersion = 2);
        var alike = _cluster.Add(configure: o => o.ContentVersion = 2);
        await _cluster.TrustedAsync();
        var truth = _cluster.Truth;
        Assert.Equal(CacheOutcome.Load, (await _cluster[0].ReadAsync("k", truth, "t")).Outcome);
        await StoredAsync(0);
        Assert.Equal(CacheOutcome.Load, (await newer.ReadAsync("k", truth, "t")).Outcome);
        await StoredAsync(2);
        Assert.Equal(CacheOutcome.Remote, (await alike.ReadAsync("k", truth, "t")).Outcome);
        Assert.Equal(CacheOutcome.Load, (await _cluster[1].ReadAsync("k", truth, "t")).Outcome);

        await newer.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.TrueAsync("all have dropped it", () => Task.FromResult(!_cluster.Nodes.Any(node => node.Holds("k"))));
        await _cluster[0].ReadAsync("k", truth, "t");
        await newer.ReadAsync("k", truth, "t");
        await _cluster[0].Cache.RemoveAsync("k", Stop);
        await Eventually.TrueAsync("all have dropped it", () => Task.FromResult(!_cluster.Nodes.Any(node => node.Holds("k"))));

        await _cluster[0].Cache.SetAsync("k", 7L, cancellationToken: Stop);
        await StoredAsync(0);
        Assert.Equal(CacheOutcome.Load, (await newer.ReadAsync("k", truth, "t")).Outcome);
        Assert.Equal(7, (await _cluster[0].ReadAsync("k", truth, "t")).Value);
    }

    [Fact]
    public async Task A_shorter_lived_entry_never_shortens_the_life_of_a_tag()
    {
        var (cache, other) = (_cluster[0].Cache, _cluster[1]);
        await cache.SetAsync("long", 1L, new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(1) }, ["t"], Stop);
        await cache.SetAsync("short", 1L, new UnstaleEntryOptions { Expiration = TimeSpan.FromMilliseconds(50) }, ["t"], Stop);
        await Eventually.TrueAsync(
            "the short one has expired", async () => (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}v:shop:short")).Integer == 0);
        await other.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        await Eventually.TrueAsync("the long one is dropped", () => Task.FromResult(!_cluster[0].Holds("long")));
        Assert.Equal(CacheOutcome.Load, (await other.ReadAsync("long", _cluster.Truth, "t")).Outcome);
    }

    private static CacheNamespace In(RedisNode node) => node.Cache.Namespace("tenant:42").Namespace("carts");

    private static async Task TakeAsync(RedisNode node, string taker)
    {
        if (taker == "namespace")
            await In(node).InvalidateAsync(cancellationToken: Stop);
        else if (taker == "outer namespace")
            await node.Cache.Namespace("tenant:42").InvalidateAsync(cancellationToken: Stop);
        else
            await node.Invalidator.InvalidateAsync(allOf: ["role:admin", In(node).Tag], cancellationToken: Stop);
    }

    private ValueTask<CacheResult<long>> ReadAsync(RedisNode node) =>
        In(node).GetOrCreateResultAsync("k", _cluster.Truth, static (truth, _, token) => truth.LoadAsync("k", token), tags: ["role:admin"], cancellationToken: Stop);

    /// <summary>Waits until the second level holds the value. Reads do not wait until a loaded value is stored.</summary>
    private Task StoredAsync(byte contentVersion) => Eventually.TrueAsync(
        $"a value of the content version {contentVersion} is stored",
        async () => (await _cluster.Server.RunAsync("GETRANGE", $"{ServerFaults.Base}v:shop:k", "74", "74")).Text() is [var version] && version == contentVersion);
}
