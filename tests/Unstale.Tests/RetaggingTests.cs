using Unstale.Tests.Cluster;
using Xunit;

namespace Unstale.Tests;

public sealed class RetaggingTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_entry_stored_again_with_another_tag_is_invalidated_by_the_new_tag_only(bool isLoaded)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await PutAsync("a");
        await PutAsync("b");
        await cluster.B.Invalidator.InvalidateTagAsync("a", cancellationToken: Stop);
        Assert.True(cluster.A.Holds("k"));
        Assert.Equal(CacheOutcome.Remote, (await cluster.Add().ReadAsync("k", source)).Outcome);
        await cluster.B.Invalidator.InvalidateTagAsync("b", cancellationToken: Stop);
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal(CacheOutcome.Load, (await cluster.Add().ReadAsync("k", source)).Outcome);

        async Task PutAsync(string tag)
        {
            if (!isLoaded)
            {
                await cluster.A.Cache.SetAsync("k", "v1", tags: [tag], cancellationToken: Stop);
                return;
            }

            await cluster.A.Cache.RemoveAsync("k", Stop);
            await cluster.A.ReadAsync("k", source, tags: tag);
        }
    }

    [Fact]
    public async Task A_shorter_lived_entry_never_shortens_the_life_of_a_tag()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("long", source, new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(3) }, "t");
        await cluster.B.ReadAsync("long", source, new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(3) }, "t");
        await cluster.A.ReadAsync("short", source, new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(1) }, "t");
        cluster.Advance(2);
        await cluster.A.ReadAsync("short", source, new UnstaleEntryOptions { Expiration = TimeSpan.FromSeconds(1) }, "t");
        cluster.Advance(2);
        Assert.False(cluster.A.Holds("short"));
        Assert.True(cluster.A.Holds("long") && cluster.B.Holds("long"));
        await cluster.A.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.False(cluster.A.Holds("long") || cluster.B.Holds("long"));
        Assert.Equal(CacheOutcome.Load, (await cluster.Add().ReadAsync("long", source, tags: "t")).Outcome);
    }
}
