using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>A node without a confirmation of its entries.</summary>
public sealed class UntrustedTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Outages => ["refused", "never answered", "cut"];

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task After_the_staleness_bound_reads_go_to_the_source_and_nothing_is_stored(string outage)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.B.ReadAsync("k", source);
        cluster.B.Faults.DropsPushes = true;
        cluster.B.Break(outage);
        source.Value = "v2";
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.Advance(4.9);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source));
        cluster.Advance(.1);
        Assert.Equal(EntryState.NotTrusted, cluster.B.Cache.Inspect("k")!.State);
        Assert.False(cluster.B.Holds("k"));
        for (var i = 2; i < 5; i++)
        {
            Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Load), await cluster.B.ReadAsync("k", source));
            Assert.Equal(i, source.Loads);
        }

        Assert.Empty(cluster.Server.Read(d => d.Values));
    }

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task Trust_returns_with_the_log_and_entries_that_are_still_valid_are_served_again(string outage)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.B.ReadAsync("k1", source);
        await cluster.B.ReadAsync("k2", source);
        cluster.B.Faults.DropsPushes = true;
        cluster.B.Break(outage);
        await cluster.A.Invalidator.InvalidateKeyAsync("k1", cancellationToken: Stop);
        cluster.Advance(10);
        Assert.False(cluster.B.Holds("k2"));
        cluster.B.Heal();
        cluster.Advance(1);
        await Eventually.Holds("the node is trusted again", () => cluster.B.IsTrusted);
        Assert.True(cluster.B.Holds("k2"));
        Assert.False(cluster.B.Holds("k1"));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k1", source)).Outcome);
        Assert.True(cluster.B.Holds("k1"));
    }

    [Fact]
    public async Task A_node_that_never_reached_the_log_serves_the_source()
    {
        var cluster = new TestCluster(0);
        await using var _ = cluster;
        cluster.Server.Faults.Refuses = _ => true;
        var node = cluster.Add();
        Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", new Source())).Outcome);
        Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", new Source())).Outcome);
        cluster.Server.Faults.Clear();
        cluster.Advance(1);
        await node.ReadAsync("k", new Source());
        Assert.True(node.Holds("k"));
    }

    [Fact]
    public async Task Readers_of_one_key_still_share_one_load()
    {
        await using var cluster = await UntrustedAsync();
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 50).Select(_ => cluster.A.ReadAsync("k", source).AsTask()).ToArray();
        source.LetGo();
        Assert.All(await Task.WhenAll(reads), r => Assert.Equal("v1", r.Value));
        Assert.Equal(1, source.Loads);
        Assert.False(cluster.A.Holds("k"));
    }

    [Fact]
    public async Task A_load_older_than_the_bound_is_not_joined()
    {
        await using var cluster = await UntrustedAsync();
        var source = new Source();
        source.Hold();
        var first = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        cluster.Advance(4.9);
        var joined = cluster.A.ReadAsync("k", source).AsTask();
        Assert.Equal(1, source.Loads);
        cluster.Advance(.1);
        source.Value = "v2";
        var later = cluster.A.ReadAsync("k", source).AsTask();
        source.LetGo();
        Assert.Equal("v1", (await first).Value);
        Assert.Equal("v1", (await joined).Value);
        Assert.Equal("v2", (await later).Value);
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task A_load_is_not_joined_after_an_invalidation_raised_here_meanwhile()
    {
        await using var cluster = await UntrustedAsync();
        var source = new Source();
        source.Hold();
        var early = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        source.Value = "v2";
        var invalidation = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask();
        var late = cluster.A.ReadAsync("k", source).AsTask();
        source.LetGo();
        Assert.Equal("v1", (await early).Value);
        Assert.Equal("v2", (await late).Value);
        cluster.Advance(1);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the invalidation returns", invalidation)).State);
    }

    [Fact]
    public async Task A_load_that_began_untrusted_is_not_stored_though_trust_returned_before_its_end()
    {
        await using var cluster = await UntrustedAsync();
        var source = new Source();
        source.Hold();
        var read = cluster.A.ReadAsync("k", source).AsTask();
        await source.Started;
        cluster.A.Heal();
        cluster.Advance(1);
        await Eventually.Holds("the node is trusted again", () => cluster.A.IsTrusted);
        source.LetGo();
        await read;
        Assert.False(cluster.A.Holds("k"));
        Assert.Empty(cluster.Server.Read(d => d.Values));
    }

    [Fact]
    public async Task Loads_of_an_untrusted_node_above_the_running_and_waiting_limits_are_refused()
    {
        await using var cluster = await UntrustedAsync(o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (2, 3));
        var source = new Source();
        source.Hold();
        var reads = Enumerable.Range(0, 5).Select(i => cluster.A.ReadAsync($"k{i}", source).AsTask()).ToArray();
        Assert.Equal(2, source.Loads);
        var refused = await Assert.ThrowsAsync<LoadRejectedException>(async () => await cluster.A.ReadAsync("k5", source));
        Assert.Equal(
            "Cache 'shop' is not trusted and reads from the source: 2 loads are running (MaximumUntrustedLoads) "
            + "and 3 are waiting (UntrustedLoadsWaiting). Try again later, or raise the options.",
            refused.Message);
        Assert.Equal(2, source.Loads);
        source.LetGo();
        Assert.All(await Task.WhenAll(reads), r => Assert.Equal("v1", r.Value));
        Assert.Equal(5, source.Loads);
        Assert.Equal("v1", (await cluster.A.ReadAsync("k5", source)).Value);
    }

    [Fact]
    public async Task A_waiting_load_whose_caller_is_cancelled_releases_its_place()
    {
        await using var cluster = await UntrustedAsync(o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 1));
        var source = new Source();
        source.Hold();
        var first = cluster.A.ReadAsync("k0", source).AsTask();
        using (var leaves = new CancellationTokenSource())
        {
            var second = cluster.A.Cache.GetOrCreateAsync("k1", source.LoadAsync, cancellationToken: leaves.Token).AsTask();
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        }

        Task<CacheResult<string>>? third = null;
        await Eventually.Holds("the place is free", () => (third = cluster.A.ReadAsync("k2", source).AsTask()) is { IsFaulted: false });
        source.LetGo();
        Assert.Equal("v1", (await first).Value);
        Assert.Equal("v1", (await third!).Value);
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task A_set_on_a_node_that_is_not_trusted_stores_nothing_and_only_invalidates()
    {
        await using var cluster = await UntrustedAsync(tailsOnly: true);
        await cluster.A.Cache.SetAsync("k", "v", cancellationToken: Stop);
        Assert.False(cluster.A.Holds("k"));
        Assert.Empty(cluster.Server.Read(d => d.Values));
        Assert.Single(cluster.Server.Records);
    }

    private static async Task<TestCluster> UntrustedAsync(Action<UnstaleOptions>? configure = null, bool tailsOnly = false)
    {
        var cluster = new TestCluster(1, configure);
        cluster.A.Faults.Refuses = s => !tailsOnly || s == ServerScript.Tail;
        cluster.Advance(6);
        await Eventually.Holds("the node is not trusted", () => !cluster.A.IsTrusted);
        return cluster;
    }
}
