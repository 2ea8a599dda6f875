using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Values that one node derived from other entries: invalidated with them on every node and in the second level.</summary>
public sealed class DependencyTests : IAsyncLifetime
{
    private const string Base = "b:1";
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => ["key", "set", "tag", "glob", "regex", "everything"];

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_invalidation_of_a_value_invalidates_all_values_derived_from_it(string way)
    {
        await HoldsEverywhereAsync();
        var loads = _cluster.Truth.Loads;
        Assert.Equal(CacheOutcome.Remote, (await MakeAsync(await AddAsync())).Outcome);
        Assert.Equal(loads, _cluster.Truth.Loads);
        Assert.Equal([Base], _cluster[2].Cache.Inspect("a")!.Dependencies);

        _cluster.Truth.Commit(Base, 0);
        await InvalidateAsync(_cluster[0], way);
        Assert.False(_cluster[0].Holds("a"));
        Assert.Equal(1, (await MakeAsync(await AddAsync())).Value);
        foreach (var node in _cluster.Nodes)
        {
            await Eventually.TrueAsync($"{node.ClientName} makes it anew", async () => (await MakeAsync(node)).Value == 1);
        }
    }

    [Theory]
    [InlineData("glob")]
    [InlineData("regex")]
    public async Task A_derived_value_stays_invalid_after_the_sweep_of_the_pattern_that_invalidated_its_base(string way)
    {
        await HoldsEverywhereAsync();
        _cluster.Truth.Commit(Base, 0);
        await InvalidateAsync(_cluster[0], way);
        await Eventually.TrueAsync("the pattern has left the list", async () => (await _cluster.Server.RunAsync("HGET", ServerFaults.Base + "ctl", "broad")).Text().Length == 0);
        Assert.Equal(1, (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}v:shop:a")).Integer); // its key did not match
        Assert.Equal(1, (await MakeAsync(await AddAsync())).Value);
    }

    [Fact]
    public async Task Derived_values_are_invalid_in_a_new_history_and_invalidated_with_their_base_afterwards()
    {
        await HoldsEverywhereAsync();
        await _cluster.Server.StopAsync();
        _cluster.Truth.Commit(Base, 0);
        var removing = _cluster[0].Cache.RemoveAsync(Base, Stop).AsTask();
        await _cluster.Server.StartAgainAsync();
        await removing;
        await _cluster.AgreedAsync();
        foreach (var node in _cluster.Nodes)
            Assert.Equal(1, (await MakeAsync(node)).Value);

        await HoldsEverywhereAsync();
        _cluster.Truth.Commit(Base, 1);
        await _cluster[1].Cache.RemoveAsync(Base, Stop);
        Assert.Equal(2, (await MakeAsync(await AddAsync())).Value);
        await Eventually.TrueAsync("the other node makes it anew", async () => (await MakeAsync(_cluster[0])).Value == 2);
    }

    [Fact]
    public async Task Without_derived_values_a_record_of_a_key_raises_no_dependency_tag_on_the_server()
    {
        await _cluster.HoldsEverywhereAsync(Base, "t");
        await _cluster[0].Cache.RemoveAsync(Base, Stop);
        Assert.Equal(1, (await _cluster.Server.RunAsync("HLEN", ServerFaults.Base + "tags:0")).Integer);
        Assert.True((await _cluster.Server.RunAsync("HGET", ServerFaults.Base + "ctl", "deps")).IsNull);
    }

    /// <summary>
    /// Waits until the second level and every node hold the value. A load may be refused: the first with a mark, or one whose lease another node
    /// holds.
    /// </summary>
    private async Task HoldsEverywhereAsync()
    {
        await Eventually.TrueAsync("the second level has it", async () =>
        {
            await _cluster[0].Cache.RemoveAsync("a", Stop);
            await MakeAsync(_cluster[0]);
            return (await _cluster.Server.RunAsync("EXISTS", $"{ServerFaults.Base}v:shop:a")).Integer == 1;
        });
        foreach (var node in _cluster.Nodes)
            await Eventually.TrueAsync($"{node.ClientName} holds it", async () => (await MakeAsync(node)).Value == _cluster.Truth.Version(Base) && node.Holds("a"));
    }

    /// <summary>Adds a node that holds nothing yet and may read the second level.</summary>
    private async Task<RedisNode> AddAsync()
    {
        var node = _cluster.Add();
        await node.TrustedAsync();
        return node;
    }

    private ValueTask<CacheResult<long>> MakeAsync(RedisNode node) =>
        node.Cache.GetOrCreateResultAsync("a", async (_, _) => (await node.ReadAsync(Base, _cluster.Truth, "t")).Value, cancellationToken: Stop);

    private async Task InvalidateAsync(RedisNode node, string way)
    {
        if (way == "set")
            await node.Cache.SetAsync(Base, _cluster.Truth.Version(Base), tags: ["t"], cancellationToken: Stop);
        else if (way == "everything")
            await node.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        else if (way is "glob" or "regex")
            await node.Invalidator.InvalidatePatternAsync(way == "glob" ? new GlobPattern("b:*") : new RegexPattern("^b:[0-9]$"), cancellationToken: Stop);
        else
            await node.Invalidator.InvalidateAsync(way == "key" ? [Base] : [], way == "tag" ? ["t"] : [], cancellationToken: Stop);
    }
}
