using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Memory;

/// <summary>Reads that never load from the source.</summary>
public sealed class ProbeTests
{
    private static readonly UnstaleEntryOptions Look = new() { Flags = HybridCacheEntryFlags.DisableUnderlyingData };
    private static readonly UnstaleEntryOptions Fresh = new() { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromSeconds(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Ways => [.. AllWays.Keys];

    private static Dictionary<string, Func<UnstaleCache, string, Task<CacheResult<int>>>> AllWays { get; } = new(StringComparer.Ordinal)
    {
        ["flags"] = static (cache, key) => cache.GetOrCreateResultAsync(key, static (_, _) => new ValueTask<int>(1), Look, cancellationToken: Stop).AsTask(),
        ["TryGetAsync"] = static (cache, key) => cache.TryGetAsync<int>(key, Stop).AsTask(),
        ["TryGetAsync with options"] = static (cache, key) => cache.TryGetAsync<int>(key, new UnstaleEntryOptions(), ["t"], Stop).AsTask(),
        ["TryGetAsync of a namespace"] = static (cache, key) => cache.Namespace("n").TryGetAsync<int>(key, Stop).AsTask(),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Concurrent_probes_of_a_missing_key_find_nothing(string way)
    {
        await using var cluster = new TestCluster(1);
        await using var alone = new CacheUnderTest();
        foreach (var cache in new[] { cluster.A.Cache, alone.Cache })
        {
            for (var round = 0; round < 50; round++)
            {
                var key = $"missing:{round}";
                using var together = new Barrier(4);
                var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                    () =>
                    {
                        together.SignalAndWait(Stop);
                        return AllWays[way](cache, key);
                    },
                    Stop)));
                Assert.All(all, static r => Assert.Equal((CacheOutcome.None, false, 0), (r.Outcome, r.IsFound, r.Value)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Concurrent_probes_find_a_value_of_the_second_level(string way)
    {
        await using var cluster = new TestCluster();
        for (var round = 0; round < 20; round++)
        {
            var key = $"held:{round}";
            await cluster.A.Cache.SetAsync(key, 7, cancellationToken: Stop);
            await cluster.A.Cache.Namespace("n").SetAsync(key, 7, cancellationToken: Stop);
            var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => AllWays[way](cluster.B.Cache, key), Stop)));
            Assert.All(all, static r => Assert.Equal((true, 7, true), (r.IsFound, r.Value, r.Outcome is CacheOutcome.Remote or CacheOutcome.Memory)));
        }
    }

    [Fact]
    public async Task Callers_that_join_a_load_from_the_second_level_do_not_report_a_load()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", 7, cancellationToken: Stop);
        var all = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(
            () => cluster.B.Cache.GetOrCreateResultAsync("k", static (_, _) => new ValueTask<int>(1), cancellationToken: Stop).AsTask(), Stop)));
        Assert.All(all, static r => Assert.True(r is { Value: 7, Outcome: CacheOutcome.Remote or CacheOutcome.Memory }));
    }

    [Fact]
    public async Task A_probe_does_not_wait_for_a_running_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var load = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        Assert.False((await test.Cache.TryGetAsync<string>("k", Stop)).IsFound);
        source[1].LetGo();
        await load;
        Assert.Equal(new CacheResult<string>("old", CacheOutcome.Memory), await test.Cache.TryGetAsync<string>("k", Stop));
    }

    [Fact]
    public async Task A_probe_finds_null_zero_and_copied_values()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync<string?>("null", null, cancellationToken: Stop);
        await test.Cache.SetAsync("zero", 0, cancellationToken: Stop);
        await test.Cache.SetAsync("list", new List<int> { 1 }, cancellationToken: Stop);
        Assert.Equal((true, null), (await test.Cache.TryGetAsync<string?>("null", Stop)) is { IsFound: var found, Value: var value } ? (found, value) : default);
        Assert.True((await test.Cache.TryGetAsync<int>("zero", Stop)).IsFound);
        Assert.Equal([1], (await test.Cache.TryGetAsync<List<int>>("list", Stop)).Value);
        Assert.False((await test.Cache.TryGetAsync<int>("list", Stop)).IsFound);
    }

    [Fact]
    public async Task A_stale_value_is_found_in_either_level_and_no_refresh_starts()
    {
        await using var cluster = new TestCluster();
        var source = new Source();
        await cluster.A.ReadAsync("k", source, Fresh);
        cluster.Advance(11);
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Stale), await cluster.A.Cache.TryGetAsync<string>("k", Fresh, cancellationToken: Stop));
        Assert.Equal(new CacheResult<string>("v1", CacheOutcome.Remote), await cluster.B.Cache.TryGetAsync<string>("k", Fresh, cancellationToken: Stop));
        await Task.Run(static () => { }, Stop);
        Assert.Equal(1, source.Loads);
        Assert.Empty(cluster.Server.Read(static d => d.Leases));
    }

    [Fact]
    public async Task A_probe_finds_no_value_that_is_expired_invalidated_or_named_in_the_scope_of_its_flow()
    {
        await using var cluster = new TestCluster();
        async Task<bool> FoundAsync(string key) => (await cluster.A.Cache.TryGetAsync<string>(key, Stop)).IsFound;
        foreach (var key in (string[])["invalidated", "expired", "raised"])
            await cluster.A.Cache.SetAsync(key, "v", new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(1) }, cancellationToken: Stop);
        await cluster.B.Invalidator.InvalidateKeyAsync("invalidated", cancellationToken: Stop);
        Assert.False(await FoundAsync("invalidated"));
        using (cluster.A.Invalidator.BeginScope())
        {
            await cluster.A.Invalidator.InvalidateKeyAsync("raised", cancellationToken: Stop);
            Assert.False(await FoundAsync("raised"));
            Assert.True(await FoundAsync("expired"));
        }

        using (cluster.A.Cache.BypassScope())
            Assert.False(await FoundAsync("raised"));
        Assert.True(await FoundAsync("raised"));
        cluster.Advance(60);
        Assert.False(await FoundAsync("expired"));
    }

    [Fact]
    public async Task A_probe_finds_no_value_when_the_second_level_fails()
    {
        await using var cluster = new TestCluster();
        await cluster.A.Cache.SetAsync("k", 7, cancellationToken: Stop);
        cluster.B.Break("refused");
        Assert.False((await cluster.B.Cache.TryGetAsync<int>("k", Stop)).IsFound);
        Assert.True((await cluster.A.Cache.TryGetAsync<int>("k", Stop)).IsFound);
    }
}
