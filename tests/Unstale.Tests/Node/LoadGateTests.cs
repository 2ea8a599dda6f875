using Unstale.Tests.Cluster;
using Unstale.Tests.Remote;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Loads wait for a slot, except those whose wait would keep a slot occupied.</summary>
public sealed class LoadGateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_factory_that_reads_other_keys_does_not_wait_for_its_own_slot()
    {
        await using var cluster = Untrusted(waiting: 0);
        var read = ReadAsync(cluster.A.Cache, "k1", async () => "1" + await ReadAsync(cluster.A.Cache, "k2", async () => "2" + await ReadAsync(cluster.A.Cache, "k3", () => Task.FromResult("3"))));
        Assert.Equal("123", await Eventually.Ends("the nested loads end", read));
    }

    [Fact]
    public async Task A_waiting_load_proceeds_when_a_load_with_a_slot_joins_it()
    {
        await using var cluster = Untrusted(waiting: 1);
        var goes = new TaskCompletionSource();
        var first = ReadAsync(cluster.A.Cache, "k1", async () =>
        {
            await goes.Task;
            return "1" + await ReadAsync(cluster.A.Cache, "k2", () => Task.FromResult("another 2"));
        });
        var waits = ReadAsync(cluster.A.Cache, "k2", () => Task.FromResult("2"));
        Assert.False(waits.IsCompleted);
        goes.SetResult();
        Assert.Equal("12", await Eventually.Ends("the first load ends", first));
        Assert.Equal("2", await Eventually.Ends("the one that waited ends", waits));
        await AssertHasPlaceAsync(cluster.A.Cache);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_waiting_load_gets_through_when_a_load_with_a_slot_joins_it_through_a_trusted_cache(bool joinsBefore)
    {
        await using var cluster = new TestCluster(1);
        var away = new InMemoryClient(new InMemoryServer(cluster.Clock), "away");
        var node = cluster.Add(more: s => s.AddCache("cart", away, o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 1)));
        Func<UnstaleCache> cart = () => node.CacheNamed("cart");
        _ = cart();
        away.Faults.Refuses = _ => true;
        cluster.Advance(6);
        Assert.True(node.IsTrusted);
        var (firstGoes, middleGoes) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = ReadAsync(cart(), "k1", async () =>
        {
            await firstGoes.Task;
            return "1" + await ReadAsync(node.Cache, "middle", () => Task.FromResult("another middle"));
        });
        var middle = ReadAsync(node.Cache, "middle", async () =>
        {
            await middleGoes.Task;
            return "m" + await ReadAsync(cart(), "k2", () => Task.FromResult("2"));
        });
        (joinsBefore ? firstGoes : middleGoes).SetResult();
        (joinsBefore ? middleGoes : firstGoes).SetResult();
        Assert.Equal("1m2", await Eventually.Ends("the first load ends", first));
        Assert.Equal("m2", await Eventually.Ends("the middle one ends", middle));
        await AssertHasPlaceAsync(cart());
    }

    [Fact]
    public async Task A_waiting_load_completes_after_the_disposal_of_the_cache()
    {
        await using var cluster = Untrusted(waiting: 1);
        var goes = new TaskCompletionSource();
        var first = cluster.A.Cache.GetOrCreateAsync("k1", async _ => { await goes.Task; return "1"; }, cancellationToken: Stop).AsTask();
        var second = cluster.A.Cache.GetOrCreateAsync("k2", _ => new ValueTask<string>("2"), cancellationToken: Stop).AsTask();
        await cluster.A.Cache.DisposeAsync();
        goes.SetResult();
        Assert.Equal("1", await Eventually.Ends("the running load ends", first));
        Assert.Equal("2", await Eventually.Ends("the waiting load ends", second));
    }

    private static TestCluster Untrusted(int waiting)
    {
        var cluster = new TestCluster(1, o => (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, waiting));
        cluster.A.Faults.Refuses = _ => true;
        cluster.Advance(6);
        Assert.False(cluster.A.IsTrusted);
        return cluster;
    }

    /// <summary>Verifies that exactly one slot is free: none was lost, and none is counted twice.</summary>
    private static async Task AssertHasPlaceAsync(UnstaleCache cache)
    {
        var goes = new TaskCompletionSource();
        var one = ReadAsync(cache, "one", async () => { await goes.Task; return "one"; });
        var two = ReadAsync(cache, "two", () => Task.FromResult("two"));
        Assert.False(two.IsCompleted);
        await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(cache, "three", () => Task.FromResult("three")));
        goes.SetResult();
        Assert.Equal("one", await Eventually.Ends("the load ends", one));
        Assert.Equal("two", await Eventually.Ends("the next one ends", two));
    }

    private static Task<string> ReadAsync(UnstaleCache cache, string key, Func<Task<string>> factory) =>
        cache.GetOrCreateAsync(key, async _ => await factory(), cancellationToken: Stop).AsTask();
}
