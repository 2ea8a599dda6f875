using Unstale.Rules;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Rules declared on one node. The other node applies the resulting records over a server.</summary>
public sealed class RuleTests : IAsyncLifetime
{
    private static readonly UnstaleEntryOptions Options = new() { FreshFor = TimeSpan.FromMinutes(1), Expiration = TimeSpan.FromMinutes(5) };

    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private InvalidationRules Rules => _cluster[0].Cache.Rules;

    private IInvalidator Invalidator => _cluster[0].Invalidator;

    public async ValueTask InitializeAsync() => _cluster = await RedisCluster.StartAsync(2);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Immediate_lazy_and_batched_rules_of_one_node_invalidate_entries_on_the_other()
    {
        Rules.Add(RuleBuilder.When("product").Invalidate("now").InvalidateKeys("key:{id}").InvalidateGlobs("glob:{id}:*").Build());
        Rules.Add(RuleBuilder.When("product").Invalidate("lazy").Strategy(InvalidationStrategy.Lazy).Build());
        Rules.Add(RuleBuilder.When("product").Invalidate("later").Strategy(InvalidationStrategy.Batched).Build());
        Rules.AddDependency("sum", "now");
        string[] atOnce = ["now", "lazy", "key:4", "glob:4:x", "sum"];
        foreach (var name in atOnce.Append("later").Append("apart"))
            await _cluster.HoldsEverywhereAsync(name, name);
        var receipt = await Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await _cluster.AgreedAsync();
        Assert.All(_cluster.Nodes, node => Assert.DoesNotContain(atOnce, node.Holds));
        await receipt.WaitForAllNodesAsync(Stop);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.All(_cluster.Nodes, node => Assert.False(node.Holds("later")));
        Assert.All(_cluster.Nodes, node => Assert.True(node.Holds("apart")));
        Assert.Equal(6, await receipt.WaitForReclaimAsync(Stop));
    }

    [Fact]
    public async Task A_ServeStaleOnce_rule_of_one_node_serves_the_old_value_once_on_each_node()
    {
        Rules.Add(RuleBuilder.When("product").Invalidate("t").Strategy(InvalidationStrategy.Lazy).ServeStaleOnce().Build());
        foreach (var node in _cluster.Nodes)
            Assert.Equal(0, (await ReadAsync(node)).Value);
        _cluster.Truth.Commit("k", 0);
        await Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await _cluster.AgreedAsync();
        foreach (var node in _cluster.Nodes)
        {
            Assert.Equal(new CacheResult<long>(0, CacheOutcome.Stale), await ReadAsync(node));
            Assert.Equal(1, (await ReadAsync(node)).Value);
        }
    }

    [Fact]
    public async Task A_set_of_a_key_invalidates_its_declared_dependents_and_keeps_the_set_value()
    {
        Rules.AddDependency("sum", "base");
        Rules.AddDependency("report", "sum");
        foreach (var name in new[] { "base", "sum", "report" })
            await _cluster.HoldsEverywhereAsync(name, name);
        await _cluster[0].Cache.SetAsync("base", 7L, cancellationToken: Stop);
        await _cluster.AgreedAsync();
        Assert.All(_cluster.Nodes, node => Assert.False(node.Holds("sum") || node.Holds("report")));
        Assert.True(_cluster[0].Holds("base"));
        Assert.Equal(7L, await _cluster[1].Cache.GetOrCreateAsync("base", static _ => new ValueTask<long>(0), cancellationToken: Stop));
    }

    private ValueTask<CacheResult<long>> ReadAsync(RedisNode node) =>
        node.Cache.GetOrCreateResultAsync("k", _cluster.Truth, static (truth, _, token) => truth.LoadAsync("k", token), Options, ["t"], Stop);
}
