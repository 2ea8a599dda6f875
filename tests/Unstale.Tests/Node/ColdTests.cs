using Unstale.Log;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>A node that has just forgotten everything does not run over its source.</summary>
public sealed class ColdTests
{
    private static readonly double Life = TimeSpan.FromMinutes(5).TotalSeconds;

    public static TheoryData<string> Breaks => ["a new generation", "more missed than the log keeps"];

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task For_the_length_of_the_bound_loads_pass_the_gate(string how)
    {
        await using var cluster = new TestCluster(1, o => (o.UntrustedLoads, o.UntrustedLoadsWaiting) = (2, 0));
        await BreakAsync(cluster, how);
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 2).Select(i => cluster.A.ReadAsync($"k{i}", source).AsTask()).ToList();
        var refused = await Eventually.Ends(
            "one more is refused", Assert.ThrowsAsync<LoadLimitExceededException>(async () => await cluster.A.ReadAsync("k2", source)));
        Assert.StartsWith("Cache 'shop' has just forgotten everything and reads from the source: 2 loads run", refused.Message, StringComparison.Ordinal);
        cluster.Advance(5);
        Assert.True(cluster.A.IsTrusted);
        reads.AddRange(Enumerable.Range(2, 3).Select(i => cluster.A.ReadAsync($"k{i}", source).AsTask()));
        source.LetGo();
        await Eventually.Ends("all reads end", Task.WhenAll(reads));
        Assert.Equal(5, source.Loads);
        Assert.Equal(0, cluster.A.Cache.GetStatistics().UntrustedLoads);
        Assert.True(cluster.A.Holds("k0"));
    }

    [Theory]
    [MemberData(nameof(Breaks))]
    public async Task What_is_loaded_meanwhile_does_not_expire_all_at_once(string how)
    {
        await using var cluster = new TestCluster(2);
        await BreakAsync(cluster, how);
        await cluster.B.ReadAsync("far", new Source());
        var lives = new List<double>();
        for (var i = 0; i < 50; i++)
        {
            await cluster.A.ReadAsync($"k{i}", new Source());
            lives.Add(cluster.A.Cache.Inspect($"k{i}")!.ExpiresIn.TotalSeconds);
        }

        Assert.All(lives, life => Assert.InRange(life, Life * .9, Life));
        Assert.InRange(lives.Distinct().Count(), 25, 50);
        var stored = cluster.Server.Read(d => d.Values.Where(v => v.Key != "far").Select(v => v.Value.ExpiresAt - v.Value.StoredAt).ToList());
        Assert.Equal(50, stored.Count);
        Assert.InRange(stored.Distinct().Count(), 25, 50);

        // And what another node takes from there.
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k0", new Source())).Outcome);
        Assert.InRange(cluster.B.Cache.Inspect("k0")!.ExpiresIn.TotalSeconds, Life * .8, lives[0]);
        cluster.Advance(5);
        await cluster.A.ReadAsync("later", new Source());
        Assert.Equal(Life, cluster.A.Cache.Inspect("later")!.ExpiresIn.TotalSeconds);
    }

    [Fact]
    public async Task A_node_that_has_just_started_and_one_that_was_told_everything_load_as_ever()
    {
        await using var cluster = new TestCluster(1, o => (o.UntrustedLoads, o.UntrustedLoadsWaiting) = (1, 0));
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 3).Select(i => cluster.A.ReadAsync($"k{i}", source).AsTask()).ToList();
        await cluster.A.Invalidator.InvalidateEverythingAsync(cancellationToken: TestContext.Current.CancellationToken);
        reads.AddRange(Enumerable.Range(3, 3).Select(i => cluster.A.ReadAsync($"k{i}", source).AsTask()));
        source.LetGo();
        await Eventually.Ends("all reads end", Task.WhenAll(reads));
        Assert.Equal(Life, cluster.A.Cache.Inspect("k5")!.ExpiresIn.TotalSeconds);
    }

    private static async Task BreakAsync(TestCluster cluster, string how)
    {
        if (how == "a new generation")
        {
            cluster.Server.RestartWithoutData();
        }
        else
        {
            cluster.Server.LogLength = 3;
            cluster.Server.Faults.DropsPushes = true;
            for (var i = 0; i < 5; i++)
                cluster.Server.Append(InvalidationTarget.ForKey($"x{i}"));
            cluster.Server.Faults.Clear();
            cluster.Advance(1);
        }

        await Eventually.Holds(
            "everything was forgotten, and the nodes are trusted",
            () => cluster.Nodes.All(n => n.Cache.GetLogState() is { Generations: 1, IsTrusted: true }));
    }
}
