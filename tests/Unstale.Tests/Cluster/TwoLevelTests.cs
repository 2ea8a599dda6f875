using Xunit;

namespace Unstale.Tests.Cluster;

public sealed class TwoLevelTests
{
    [Fact]
    public async Task A_value_filled_on_one_node_is_a_remote_hit_on_another()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Fill), await cluster.A.ReadAsync("k", source));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source));
        Assert.Equal(1, source.Loads);
    }
}
