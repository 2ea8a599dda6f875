using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Cluster;

/// <summary>Lifetime and freshness of values in both levels, and flags that exclude a level.</summary>
public sealed class RemoteLifeTests
{
    private static readonly UnstaleEntryOptions TenMinutes = new() { Expiration = TimeSpan.FromMinutes(10) };
    private static readonly UnstaleEntryOptions OneMinuteHere = new() { Expiration = TimeSpan.FromMinutes(10), LocalExpiration = TimeSpan.FromMinutes(1) };
    private static readonly UnstaleEntryOptions FreshForOne = new() { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task In_memory_a_value_lives_no_longer_than_what_is_left_of_it_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, TenMinutes);
        cluster.Advance(420);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.ReadAsync("k", source, TenMinutes)).Outcome);
        Assert.Equal(TimeSpan.FromMinutes(3), cluster.B.Cache.Inspect("k")!.ExpiresIn);
        cluster.Advance(180);
        Assert.False(cluster.B.Holds("k"));
        Assert.Equal(CacheOutcome.Load, (await cluster.B.ReadAsync("k", source, TenMinutes)).Outcome);
    }

    [Fact]
    public async Task In_memory_a_value_lives_no_longer_than_its_local_life()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, OneMinuteHere);
        foreach (var node in new[] { cluster.A, cluster.B })
        {
            cluster.Advance(200);
            Assert.False(node.Holds("k"));
            Assert.Equal(CacheOutcome.Remote, (await node.ReadAsync("k", source, OneMinuteHere)).Outcome);
            Assert.Equal(EntryState.Live, node.Cache.Inspect("k")!.State);
            Assert.Equal(TimeSpan.FromMinutes(1), node.Cache.Inspect("k")!.ExpiresIn);
        }

        Assert.Equal(1, source.Loads);
    }

    [Fact]
    public async Task A_remote_value_past_its_freshness_is_served_and_refreshed_behind()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, FreshForOne);
        cluster.Advance(90);
        source.Value = "v2";
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source, FreshForOne));
        await Eventually.Holds("the refresh is stored", () => cluster.B.Cache.TryGet("k", out string value) && value == "v2");
        Assert.Equal(2, source.Loads);
        Assert.Equal(new CacheResult<string>("v2", CacheOutcome.Memory), await cluster.B.ReadAsync("k", source, FreshForOne));
    }

    [Fact]
    public async Task A_refresh_uses_the_remote_value_if_the_value_is_fresh()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, FreshForOne);
        await cluster.B.ReadAsync("k", source, FreshForOne);
        cluster.Advance(90);
        source.Value = "v2";
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Stale), await cluster.A.ReadAsync("k", source, FreshForOne));
        await Eventually.Holds("the first node has refreshed", () => cluster.Server.Read(d => d.Values["k"].StoredAt > 0));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Stale), await cluster.B.ReadAsync("k", source, FreshForOne));
        await Eventually.Holds("the second node has refreshed", () => cluster.B.Cache.TryGet("k", out string value) && value == "v2");
        Assert.Equal(2, source.Loads);
    }

    [Fact]
    public async Task The_remaining_freshness_is_stored_with_the_value_in_the_second_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, FreshForOne);
        cluster.Advance(40);
        await cluster.B.ReadAsync("k", source, FreshForOne);
        Assert.Equal(TimeSpan.FromSeconds(20), cluster.B.Cache.Inspect("k")!.FreshIn);
    }

    [Fact]
    public async Task A_refresh_that_an_invalidation_overtakes_is_stored_in_neither_level()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, FreshForOne, "t");
        cluster.Advance(90);
        source.Hold();
        await cluster.A.ReadAsync("k", source, FreshForOne, "t");
        await Eventually.Holds("the refresh runs", () => source.Loads == 2);
        source.Value = "v2";
        await cluster.B.Invalidator.InvalidateTagAsync("t", cancellationToken: TestContext.Current.CancellationToken);
        source.LetGo();
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(d => d.Leases.Count == 0));
        Assert.False(cluster.A.Holds("k"));
        Assert.Equal("v2", (await cluster.B.ReadAsync("k", source, FreshForOne, "t")).Value);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheRead, CacheOutcome.Load)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheWrite, CacheOutcome.Remote)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCache, CacheOutcome.Load)]
    [InlineData(HybridCacheEntryFlags.DisableUnderlyingData, CacheOutcome.Remote)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache, CacheOutcome.Remote)]
    public async Task A_flag_disables_only_the_read_that_it_names(HybridCacheEntryFlags flags, CacheOutcome expected)
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        Assert.Equal(expected, (await cluster.B.ReadAsync("k", source, new UnstaleEntryOptions { Flags = flags })).Outcome);
    }

    [Theory]
    [InlineData(HybridCacheEntryFlags.None, 1)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheRead, 1)]
    [InlineData(HybridCacheEntryFlags.DisableLocalCache, 1)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCacheWrite, 0)]
    [InlineData(HybridCacheEntryFlags.DisableDistributedCache, 0)]
    [InlineData(HybridCacheEntryFlags.DisableUnderlyingData, 0)]
    public async Task A_flag_disables_only_the_write_that_it_names(HybridCacheEntryFlags flags, int stored)
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k", new Source(), new UnstaleEntryOptions { Flags = flags });
        Assert.Equal(stored, cluster.Server.Read(d => d.Values.Count));
        Assert.Empty(cluster.Server.Read(d => d.Leases));
        if (flags == HybridCacheEntryFlags.DisableUnderlyingData)
            return;
        await cluster.A.Cache.SetAsync("k2", "v", new UnstaleEntryOptions { Flags = flags }, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(stored == 1, cluster.Server.Read(d => d.Values.ContainsKey("k2")));
        Assert.Single(cluster.Server.Records);
    }

    [Fact]
    public async Task A_life_that_the_factory_gives_is_kept_by_both_levels()
    {
        await using var cluster = new TestCluster();
        var stop = TestContext.Current.CancellationToken;
        ValueTask<string> Load(LoadContext load, CancellationToken token)
        {
            load.Expiration = TimeSpan.FromMinutes(2);
            return new("v");
        }

        await cluster.A.Cache.GetOrCreateResultAsync("k", Load, OneMinuteHere, cancellationToken: stop);
        Assert.Equal(TimeSpan.FromMinutes(1), cluster.A.Cache.Inspect("k")!.ExpiresIn);
        cluster.Advance(119);
        Assert.Equal(CacheOutcome.Remote, (await cluster.B.Cache.GetOrCreateResultAsync("k", Load, OneMinuteHere, cancellationToken: stop)).Outcome);
        Assert.Equal(TimeSpan.FromSeconds(1), cluster.B.Cache.Inspect("k")!.ExpiresIn);
    }
}
