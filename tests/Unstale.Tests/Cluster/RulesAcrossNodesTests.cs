using Microsoft.Extensions.DependencyInjection;
using Unstale.Rules;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>One node has rules. The others follow the resulting records.</summary>
public sealed class RulesAcrossNodesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_node_without_rules_applies_the_invalidations_by_the_rules_of_another_node(bool withRemote)
    {
        await using var cluster = new TestCluster(0);
        var (one, other) = (cluster.Add(withRemote: withRemote, more: WithRules), cluster.Add(withRemote: withRemote));
        var sources = new Dictionary<string, Source>(StringComparer.Ordinal);
        foreach (var name in new[] { "now", "lazy", "later", "key:4", "glob:4:x", "sum", "apart" })
        {
            sources[name] = new Source();
            foreach (var node in cluster.Nodes)
                await node.ReadAsync(name, sources[name], tags: name);
            sources[name].Value = "v2";
        }

        var receipt = await one.Invalidator.ChangedAsync("product", 4, cancellationToken: Stop);
        await Eventually.Holds("the other has heard it", () => other.Position.Sequence == 2);
        Assert.Equal(["apart", "later"], Held(other, sources.Keys));
        Assert.Equal(["apart", "later"], Held(one, sources.Keys));
        cluster.Advance(.1);
        await Eventually.Holds("the batch has arrived", () => other.Position.Sequence == 3 && receipt.State == ReceiptState.Applied);
        foreach (var (name, source) in sources)
        {
            foreach (var node in cluster.Nodes)
                Assert.Equal(name == "apart" ? "v1" : "v2", (await node.ReadAsync(name, source, tags: name)).Value);
        }
    }

    [Fact]
    public async Task A_dependency_declared_on_one_node_is_stored_with_the_entry_for_other_nodes()
    {
        await using var cluster = new TestCluster(0);
        var (one, other) = (cluster.Add(more: WithRules), cluster.Add());
        var source = new Source();
        await one.ReadAsync("sum", source);
        Assert.Equal(CacheOutcome.Remote, (await other.ReadAsync("sum", source)).Outcome);
        source.Value = "v2";
        await other.Invalidator.InvalidateKeyAsync("now", cancellationToken: Stop);
        Assert.False(other.Holds("sum"));
        await Eventually.Holds("the first has heard it", () => !one.Holds("sum"));
        Assert.Equal("v2", (await one.ReadAsync("sum", source)).Value);
    }

    private static string[] Held(ClusterNode node, IEnumerable<string> keys) => [.. keys.Where(node.Holds).Order(StringComparer.Ordinal)];

    private static void WithRules(IServiceCollection services) => services.AddUnstale("shop").AddRules(static rules =>
    {
        rules.When("product").Invalidate("now").InvalidateKeys("key:{id}").InvalidateGlobs("glob:{id}:*");
        rules.When("product").Invalidate("lazy").Strategy(InvalidationStrategy.Lazy);
        rules.When("product").Invalidate("later").Strategy(InvalidationStrategy.Batched);
        rules.AddDependency("sum", "now");
    });
}
