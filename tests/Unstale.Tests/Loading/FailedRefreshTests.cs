using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.Loading;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Background refreshes without a value to store.</summary>
public sealed class FailedRefreshTests
{
    private static readonly UnstaleEntryOptions Options = new() { Expiration = TimeSpan.FromHours(1), FreshFor = TimeSpan.FromSeconds(10) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Unkept => [.. AllUnkept.Keys];

    private static Dictionary<string, Func<LoadContext, string[]>> AllUnkept { get; } = new(StringComparer.Ordinal)
    {
        ["says do not store"] = static load =>
        {
            load.DoNotStore();
            return ["new"];
        },
        ["is too large"] = static _ => [new string('x', 3_000)],
        ["says that its life is over"] = static load =>
        {
            load.Expiration = TimeSpan.Zero;
            return ["new"];
        },
        ["says that memory does not keep it"] = static load =>
        {
            load.Flags = HybridCacheEntryFlags.DisableLocalCacheWrite | HybridCacheEntryFlags.DisableDistributedCacheWrite;
            return ["new"];
        },
    };

    [Fact]
    public async Task A_failing_source_is_not_called_by_every_read()
    {
        var source = new PausedSource();
        await using var test = source.NewCache();
        await source.ReadAsync(test, Options);
        source.Fails = true;
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        for (var failed = 1; failed <= 5; failed++)
        {
            await source.ReadAsync(test, Options);
            await source.FailedAsync(failed);
            for (var i = 0; i < 100; i++)
                Assert.Equal("v1", await source.ReadAsync(test, Options));
            Assert.Equal(1 + failed, source.Calls);
            test.Clock.Advance(TimeSpan.FromSeconds(failed * 5));
        }
    }

    [Fact]
    public void Pauses_of_a_failing_refresh_grow_from_half_a_second_to_half_a_minute_with_jitter()
    {
        var lengths = new List<long>();
        for (var run = 0; run < 50; run++)
        {
            var pauses = new RefreshPauses();
            var now = 1_000L;
            for (var i = 0; i < 10; i++)
            {
                pauses.Begin("k", now);
                var began = now;
                while (pauses.IsPaused("k", now))
                    now += 5;
                var expected = Math.Min(500L << i, 30_000);
                Assert.InRange(now - began, expected * 3 / 4, (expected * 5 / 4) + 5);
                lengths.Add(now - began);
            }
        }

        Assert.InRange(lengths.Distinct().Count(), 100, 500);
    }

    [Fact]
    public void A_pause_that_ended_long_ago_does_not_lengthen_the_next_pause()
    {
        var pauses = new RefreshPauses();
        for (var i = 0; i < 10; i++)
            pauses.Begin("k", i * 40_000);
        pauses.Begin("k", 1_000_000);
        Assert.False(pauses.IsPaused("k", 1_000_700));
    }

    [Fact]
    public async Task A_recovered_source_is_refreshed_after_its_pause_and_the_next_pause_is_short_again()
    {
        var source = new PausedSource();
        await using var test = source.NewCache();
        await source.ReadAsync(test, Options);
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        source.Fails = true;
        await source.ReadAsync(test, Options);
        await source.FailedAsync(1);
        source.Fails = false;
        await source.ReadAsync(test, Options);
        Assert.Equal(2, source.Calls);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        await source.ReadAsync(test, Options);
        await Eventually.Holds("the refreshed value is held", () => test.Cache.Inspect("k")?.State == EntryState.Live);
        source.Fails = true;
        test.Clock.Advance(TimeSpan.FromSeconds(10));
        await source.ReadAsync(test, Options);
        await source.FailedAsync(2);
        test.Clock.Advance(TimeSpan.FromSeconds(1));
        await source.ReadAsync(test, Options);
        await source.FailedAsync(3);
    }

    [Fact]
    public void Each_failing_key_has_its_own_pause_and_the_number_of_stored_pauses_is_bounded()
    {
        var pauses = new RefreshPauses();
        for (var i = 0; i < 20_000; i++)
        {
            pauses.Begin($"k{i}", 0);
            Assert.True(pauses.IsPaused($"k{i}", 0));
        }

        Assert.InRange(Enumerable.Range(0, 20_000).Count(i => pauses.IsPaused($"k{i}", 0)), 1, 4_096);
        Assert.False(pauses.IsPaused("other", 0));
        pauses.End("k19999");
        Assert.False(pauses.IsPaused("k19999", 0));
    }

    [Theory]
    [MemberData(nameof(Unkept))]
    public async Task A_refreshed_value_that_is_not_stored_removes_the_older_value(string why)
    {
        await using var test = new CacheUnderTest(static o => o.MaximumPayloadBytes = 2_000);
        var isNew = false;
        ValueTask<string[]> Load(LoadContext load, CancellationToken token) => new(Volatile.Read(ref isNew) ? AllUnkept[why](load) : ["old"]);
        ValueTask<string[]> Read() => test.Cache.GetOrCreateAsync("k", Load, Options, cancellationToken: Stop);
        await Read();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        Volatile.Write(ref isNew, true);
        Assert.Equal(["old"], await Read());
        await Eventually.Holds("the old value is gone", () => test.Cache.Inspect("k") is null);
        Assert.NotEqual(["old"], await Read());
        Assert.Equal(RemovalCause.NotStored, (await test.Cache.ExplainAsync("k", cancellationToken: Stop)).Removed!.Cause);
    }

    [Theory]
    [MemberData(nameof(Unkept))]
    public async Task A_refreshed_value_that_is_not_stored_removes_the_older_value_from_the_second_level(string why)
    {
        await using var cluster = new TestCluster(configure: static o => o.MaximumPayloadBytes = 2_000);
        var isNew = false;
        ValueTask<string[]> Load(LoadContext load, CancellationToken token) => new(Volatile.Read(ref isNew) ? AllUnkept[why](load) : ["old"]);
        ValueTask<string[]> Read(ClusterNode node) => node.Cache.GetOrCreateAsync("k", Load, Options, cancellationToken: Stop);
        await Read(cluster.A);
        Assert.Single(cluster.Server.Read(static d => d.Values));
        cluster.Advance(11);
        Volatile.Write(ref isNew, true);
        await Read(cluster.A);
        await Eventually.Holds("the old value is gone from both levels", () => cluster.Server.Read(static d => d.Values.Count + d.Leases.Count) == 0 && !cluster.A.Cache.TryGet("k", out string[] _));
        Assert.NotEqual(["old"], await Read(cluster.B));
    }

    [Fact]
    public async Task A_value_set_during_a_load_with_DoNotStore_stays_in_both_levels()
    {
        await using var cluster = new TestCluster();
        var (began, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        async ValueTask<string> LoadAsync(LoadContext load, CancellationToken token)
        {
            load.DoNotStore();
            began.SetResult();
            await goOn.Task.WaitAsync(token);
            return "not kept";
        }

        var read = cluster.A.Cache.GetOrCreateAsync("k", LoadAsync, Options, cancellationToken: Stop).AsTask();
        await began.Task;
        await cluster.A.Cache.SetAsync("k", "set", cancellationToken: Stop);
        goOn.SetResult();
        Assert.Equal("not kept", await read);
        Assert.True(cluster.A.Cache.TryGet("k", out string here));
        Assert.Equal(("set", "set"), (here, await cluster.B.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("loaded"), cancellationToken: Stop)));
    }

    public static TheoryData<HybridCacheEntryFlags, int> WithoutMemory => new()
    {
        { HybridCacheEntryFlags.DisableLocalCache, 600 },
        { HybridCacheEntryFlags.DisableLocalCacheWrite, 600 },
        { HybridCacheEntryFlags.None, 0 },
    };

    [Theory]
    [MemberData(nameof(WithoutMemory))]
    public async Task A_value_that_only_the_second_level_holds_is_refreshed_behind(HybridCacheEntryFlags flags, int localSeconds)
    {
        await using var cluster = new TestCluster();
        var options = new UnstaleEntryOptions
        {
            Expiration = TimeSpan.FromHours(1), FreshFor = TimeSpan.FromSeconds(10), LocalExpiration = TimeSpan.FromSeconds(localSeconds), Flags = flags,
        };
        var source = new Source();
        await cluster.A.ReadAsync("k", source, options);
        for (var i = 2; i < 6; i++)
        {
            cluster.Advance(5);
            Assert.Equal(new CacheResult<string>($"v{i - 1}", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source, options));
            source.Value = $"v{i}";
            cluster.Advance(6);
            Assert.Equal(new CacheResult<string>($"v{i - 1}", CacheOutcome.Remote), await cluster.B.ReadAsync("k", source, options));
            await Eventually.Holds("the refresh is stored", () => cluster.Server.Read(static d => d.Leases.Count == 0) && source.Loads == i);
        }
    }

    [Fact]
    public async Task A_failing_source_of_a_value_only_in_the_second_level_is_not_called_by_every_read()
    {
        await using var cluster = new TestCluster(1);
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(1), FreshFor = TimeSpan.FromSeconds(10), Flags = HybridCacheEntryFlags.DisableLocalCache };
        var calls = 0;
        ValueTask<string> Load(CancellationToken token) => Interlocked.Increment(ref calls) == 1 ? new("v") : throw new InvalidDataException();
        ValueTask<string> Read() => cluster.A.Cache.GetOrCreateAsync("k", Load, options, cancellationToken: Stop);
        await Read();
        cluster.Advance(11);
        await Read();
        await Eventually.Holds("the refresh has failed", () => cluster.Server.Read(static d => d.Leases.Count == 0) && Volatile.Read(ref calls) == 2);
        await Eventually.Holds("its failure is logged", () => cluster.A.Log.Says("a background refresh failed"));
        for (var i = 0; i < 100; i++)
            Assert.Equal("v", await Read());
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_reader_with_DisableLocalCacheWrite_starts_no_refresh_and_removes_no_entry()
    {
        await using var test = new CacheUnderTest();
        var source = new PausedSource();
        await source.ReadAsync(test, Options);
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        var reader = new UnstaleEntryOptions { Expiration = Options.Expiration, FreshFor = Options.FreshFor, Flags = HybridCacheEntryFlags.DisableLocalCacheWrite };
        for (var i = 0; i < 10; i++)
            Assert.Equal("v1", await source.ReadAsync(test, reader));
        Assert.Equal(1, source.Calls);
        Assert.NotNull(test.Cache.Inspect("k"));
    }

    /// <summary>A source of one key that counts its calls and can fail.</summary>
    private sealed class PausedSource
    {
        private int _calls;

        public bool Fails { get; set; }

        public int Calls => Volatile.Read(ref _calls);

        public ValueTask<string> ReadAsync(CacheUnderTest test, UnstaleEntryOptions options) =>
            test.Cache.GetOrCreateAsync("k", Load, options, cancellationToken: Stop);

        /// <summary>Log lines of the cache of these services.</summary>
        public CapturedLog Log { get; } = new();

        public CacheUnderTest NewCache() => new(services: services => services.AddLogging(l => l.SetMinimumLevel(LogLevel.Warning).AddProvider(Log)));

        /// <summary>Waits until this number of refreshes has failed.</summary>
        public Task FailedAsync(int refreshes) => Eventually.Holds($"{refreshes} refreshes have failed", () => Log.Times("a background refresh failed") == refreshes);

        private ValueTask<string> Load(CancellationToken token)
        {
            var call = Interlocked.Increment(ref _calls);
            return Fails ? throw new InvalidDataException() : new($"v{call}");
        }
    }
}
