using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>A node configured to throw while not trusted.</summary>
public sealed class ThrowUntrustedTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reads_of_memory_alone_find_nothing_on_an_untrusted_node()
    {
        await using var cluster = await UntrustedAsync();
        Assert.False(cluster.A.Cache.TryGet("k", out string _));
        var options = new HybridCacheEntryOptions { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
        Assert.Null(await cluster.A.Cache.GetOrCreateAsync("k", _ => new ValueTask<string>("v"), options, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_bypass_scope_on_an_untrusted_node_reads_the_source()
    {
        await using var cluster = await UntrustedAsync();
        using (cluster.A.Cache.BypassScope())
            Assert.Equal("v1", (await cluster.A.ReadAsync("k", new Source())).Value);
    }

    [Fact]
    public async Task Writes_on_an_untrusted_node_are_in_force_locally_and_queued()
    {
        await using var cluster = await UntrustedAsync();
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var set = cluster.A.Cache.SetAsync("other", "v", cancellationToken: Stop).AsTask();
        cluster.Advance(1);
        var receipt = await Eventually.Ends("the invalidation returns", invalidation);
        await Eventually.Ends("the set returns", set);
        Assert.Equal((ReceiptState.Queued, 2), (receipt.State, cluster.A.Cache.GetLogState().Queued));
        cluster.A.Faults.Clear();
        cluster.Advance(1);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Equal(["k", "other"], cluster.Server.Records.Select(r => r.Record.Targets[0].Text));
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal("v2", (await cluster.A.ReadAsync("k", new Source("v2"))).Value);
    }

    private static void Throw(UnstaleOptions options) => options.WhenNotTrusted = UntrustedReadBehavior.Throw;

    private static async Task<TestCluster> UntrustedAsync()
    {
        var cluster = new TestCluster(1, Throw);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(6);
        Assert.False(cluster.A.IsTrusted);
        return cluster;
    }
}
