using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Frequency of confirmations by a node.</summary>
public sealed class HeartbeatTests
{
    [Theory]
    [InlineData(5000, 1000)]
    [InlineData(60_000, 1000)]
    [InlineData(2000, 500)]
    [InlineData(100, 25)]
    public async Task A_heartbeat_is_sent_every_second_or_four_times_within_a_shorter_bound_with_jitter(int bound, int longest)
    {
        await using var cluster = new TestCluster(1, log: o => o.StalenessBound = TimeSpan.FromMilliseconds(bound));
        var beats = Beats(cluster.A, cluster);
        cluster.Advance(longest / 10.0);
        var pauses = beats.Zip(beats.Skip(1), (a, b) => b - a).ToArray();
        Assert.InRange(pauses.Length, 98, 126);
        Assert.All(pauses, p => Assert.InRange(p, (longest * .8) - .001, longest + .001));
        Assert.True(pauses.Distinct().Count() > 50);
    }

    [Fact]
    public async Task The_heartbeats_of_nodes_started_together_are_spread_over_time()
    {
        await using var cluster = new TestCluster(2);
        var (a, b) = (Beats(cluster.A, cluster), Beats(cluster.B, cluster));
        cluster.Advance(50);
        Assert.True(a.Intersect(b).Count() < 5);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public async Task A_node_with_a_short_bound_stays_trusted(int bound)
    {
        await using var cluster = new TestCluster(1, log: o => o.StalenessBound = TimeSpan.FromMilliseconds(bound));
        for (var i = 0; i < 1000; i++)
        {
            cluster.Advance(bound / 10_000.0);
            Assert.True(cluster.A.IsTrusted);
        }
    }

    /// <summary>Times of the node's heartbeats in milliseconds.</summary>
    private static List<double> Beats(ClusterNode node, TestCluster cluster)
    {
        var beats = new List<double>();
        node.Faults.Refuses = script =>
        {
            if (script == ServerScript.Tail)
                beats.Add((cluster.Clock.GetUtcNow() - cluster.Clock.Start).TotalMilliseconds);
            return false;
        };
        return beats;
    }
}
