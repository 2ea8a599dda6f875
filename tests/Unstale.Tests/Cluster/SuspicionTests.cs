using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Values of the second level that a mark of this node seems to speak against: other keys and tags share the mark's place.</summary>
public sealed class SuspicionTests
{
    private const int Values = 100;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Marks_of_other_keys_and_tags_do_not_cost_a_node_the_second_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        for (var i = 0; i < Values; i++)
            await cluster.A.ReadAsync($"k{i}", source, tags: $"t{i}");
        await RaiseOthersAsync(cluster.A, 150_000);
        for (var i = 0; i < Values; i++)
            Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync($"k{i}", source, tags: $"t{i}")).Outcome);
    }

    /// <summary>Fills most places of the marks, of keys and of tags.</summary>
    private static async Task RaiseOthersAsync(ClusterNode node, int many)
    {
        const int AtOnce = 5_000;
        for (var i = 0; i < many; i += AtOnce)
        {
            var others = Enumerable.Range(i, AtOnce).Select(n => $"other{n}").ToArray();
            await node.Invalidator.InvalidateAsync(others, others, cancellationToken: Stop);
        }
    }
}
