using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Entries swept before the append of their invalidation completes.</summary>
public sealed class SweepCountTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("tag")]
    [InlineData("glob")]
    [InlineData("everything")]
    public async Task An_entry_swept_before_the_append_completes_counts_for_its_invalidation(string by)
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        await cluster.A.ReadAsync("k", new Source(), tags: "t");
        await cluster.A.Invalidator.InvalidateTagAsync("other", cancellationToken: Stop);
        cluster.A.Break("refused");
        string[] tags = by switch
        {
            "tag" => ["t"],
            "everything" => ["*"],
            _ => [],
        };
        var raised = cluster.A.Invalidator.InvalidateAsync(tags: tags, patterns: by == "glob" ? [new GlobPattern("k*")] : [], cancellationToken: Stop).AsTask();
        cluster.Advance(.1);
        Assert.Equal(0, cluster.A.Cache.GetStatistics().Entries);
        cluster.A.Heal();
        var receipt = await Eventually.Ends("the log has it", raised, () => cluster.Advance(.05));
        Assert.Equal(1, await Eventually.Ends("it is swept", receipt.WaitForReclaimAsync(Stop).AsTask(), () => cluster.Advance(.05)));
    }
}
