using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Protection of the source for a time after a reset.</summary>
public sealed class ResetNodeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Breaks => ["new generation", "trimmed"];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task The_loads_of_a_reset_node_are_limited_until_the_bound_is_over(string how)
    {
        await using var cluster = new TestCluster(1, o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 0));
        await ForgetAsync(cluster, how);
        var since = cluster.A.Cache.GetLogState().SinceConfirmed!.Value.TotalSeconds;
        cluster.Advance(4.9 - since);
        var source = new Source();
        source.Hold();
        var first = cluster.A.ReadAsync("k1", source).AsTask();
        var refused = await Assert.ThrowsAsync<LoadRejectedException>(async () => await cluster.A.ReadAsync("k2", source));
        Assert.StartsWith("Cache 'shop' was just reset and reads from the source: 1 loads are running", refused.Message, StringComparison.Ordinal);
        cluster.Advance(.1);
        var second = cluster.A.ReadAsync("k2", source).AsTask();
        Assert.Equal(2, source.Loads);
        source.LetGo();
        Assert.All(await Task.WhenAll(first, second), r => Assert.Equal("v1", r.Value));
        Assert.True(cluster.A.Holds("k1"));
        Assert.Equal(0, cluster.A.Cache.GetStatistics().UntrustedLoads);
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task Entries_expire_up_to_a_tenth_earlier_each_at_a_time_of_its_own(string how)
    {
        await using var cluster = new TestCluster(1);
        await ForgetAsync(cluster, how);
        var lives = await LivesAsync(cluster, "a");
        Assert.All(lives, life => Assert.InRange(life, 270, 300));
        Assert.InRange(lives.Max() - lives.Min(), 15, 30);
        Assert.True(lives.Distinct().Count() > 50);
        var remote = cluster.Server.Read(d => d.Values.Values.Select(v => v.ExpiresAt - v.StoredAt).ToArray());
        Assert.True(remote.Distinct().Count() > 50);
        cluster.Advance(5);
        Assert.All(await LivesAsync(cluster, "b"), life => Assert.Equal(300, life));
    }

    [Fact]
    public async Task Lifetimes_of_values_from_the_second_level_are_spread_after_a_reset()
    {
        await using var cluster = new TestCluster();
        cluster.Server.RestartWithoutData();
        await LivesAsync(cluster, "a");
        var lives = new List<double>();
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync($"a{i}", new Source())).Outcome);
            lives.Add(cluster.B.Cache.Inspect($"a{i}")!.ExpiresIn / cluster.A.Cache.Inspect($"a{i}")!.ExpiresIn);
        }

        Assert.All(lives, part => Assert.InRange(part, .89, 1));
        Assert.InRange(lives.Max() - lives.Min(), .05, .11);
    }

    [Fact]
    public async Task New_nodes_invalidations_of_everything_and_in_process_logs_start_no_protection_time()
    {
        await using var cluster = new TestCluster(1, o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 0));
        await cluster.A.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        Assert.All(await LivesAsync(cluster, "a"), life => Assert.Equal(300, life));
        await using var alone = new CacheUnderTest(o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 0));
        await alone.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 20).Select(i => alone.Cache.GetOrCreateAsync($"k{i}", source.LoadAsync, cancellationToken: Stop).AsTask()).ToArray();
        Assert.Equal(20, source.Loads);
        source.LetGo();
        await Task.WhenAll(reads);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(TimeSpan.FromMinutes(5), alone.Cache.Inspect($"k{i}")!.ExpiresIn));
    }

    private static async Task ForgetAsync(TestCluster cluster, string how)
    {
        if (how == "new generation")
        {
            cluster.Server.RestartWithoutData();
        }
        else
        {
            cluster.Server.LogLength = 1;
            cluster.A.Faults.DropsPushes = true;
            for (var i = 0; i < 3; i++)
                cluster.Server.Append(Unstale.Log.InvalidationTarget.ForKey("x"));
            cluster.A.Faults.DropsPushes = false;
            cluster.Advance(1);
        }

        await Eventually.Holds("the node has forgotten and is trusted", () => cluster.A.Cache.GetLogState() is { Generations: 1, IsTrusted: true });
    }

    private static async Task<double[]> LivesAsync(TestCluster cluster, string prefix)
    {
        for (var i = 0; i < 100; i++)
            await cluster.A.ReadAsync($"{prefix}{i}", new Source());
        return [.. Enumerable.Range(0, 100).Select(i => cluster.A.Cache.Inspect($"{prefix}{i}")!.ExpiresIn.TotalSeconds)];
    }
}
