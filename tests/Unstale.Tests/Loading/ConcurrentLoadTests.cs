using System.Transactions;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Limits of concurrent loads by cache and by key prefix: waits, rejections, and loads that need no slot.</summary>
public sealed class ConcurrentLoadTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Loads_above_the_limit_wait_and_one_more_is_rejected()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(2, waiting: 3));
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 5).Select(i => ReadAsync(test.Cache, $"k{i}", source.ReadAsync)).ToList();
        Assert.Equal(2, source.Reads);
        var rejected = await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(test.Cache, "k5", Plain));
        Assert.Equal(
            "Cache 'default': 2 loads are running (LoadLimit.MaximumLoads) and 3 are waiting (LoadLimit.MaximumWaiting). Try again later, or raise the limit if the source can bear more.",
            rejected.Message);
        for (var i = 1; i <= 5; i++)
        {
            await source[i].BegunAsync();
            Assert.InRange(source.Reads, i, i + 1);
            source[i].LetGo();
        }

        await Eventually.Ends("all loads end", Task.WhenAll(reads));
        Assert.Equal((5, 1), (source.Reads, test.Cache.GetStatistics().LoadsRejected));
    }

    [Fact]
    public async Task A_load_waits_for_a_slot_no_longer_than_the_slot_timeout()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(1, waiting: 1, Second));
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "k1", source.ReadAsync);
        var second = ReadAsync(test.Cache, "k2", source.ReadAsync);
        test.Clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(second.IsCompleted);
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var rejected = await Assert.ThrowsAsync<LoadRejectedException>(() => Eventually.Ends("the wait ends", second));
        Assert.Equal(
            "Cache 'default': 1 loads are running (LoadLimit.MaximumLoads), and no slot became free within LoadLimit.SlotTimeout (00:00:01). Check why the source is slow, or raise the limit if the source can bear more.",
            rejected.Message);
        source[1].LetGo();
        Assert.Equal("old", await first);
        Assert.Equal(1, test.Cache.GetStatistics().LoadsRejected);
        await AssertOneSlotAsync(test.Cache, "k");
    }

    [Fact]
    public async Task A_prefix_has_a_limit_of_its_own_and_the_longest_prefix_applies()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.LoadLimit = Limit(1, waiting: 0);
            o.PrefixLoadLimits["a:"] = Limit(2, waiting: 0);
            o.PrefixLoadLimits["a:b:"] = Limit(1, waiting: 0);
        });
        var source = new GatedSource();
        var reads = new[] { "k", "a:1", "a:2", "a:b:1" }.Select(key => ReadAsync(test.Cache, key, source.ReadAsync)).ToList();
        var inner = test.Cache.Namespace("n");
        foreach (var (key, setting) in new[] { ("z", "LoadLimit"), ("a:3", "PrefixLoadLimits[a:]"), ("a:b:2", "PrefixLoadLimits[a:b:]") })
        {
            var rejected = await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(test.Cache, key, Plain));
            Assert.Contains($"({setting}.MaximumLoads)", rejected.Message, StringComparison.Ordinal);
            rejected = await Assert.ThrowsAsync<LoadRejectedException>(() => inner.GetOrCreateAsync(key, Plain, cancellationToken: Stop).AsTask());
            Assert.Contains($"({setting}.MaximumLoads)", rejected.Message, StringComparison.Ordinal);
        }

        Assert.Equal(4, source.Reads);
        for (var i = 1; i <= 4; i++)
            source[i].LetGo();
        await Eventually.Ends("all loads end", Task.WhenAll(reads));
    }

    [Theory]
    [InlineData("k", "l")]
    [InlineData("a:1", "a:2")]
    [InlineData("a:1", "b:1")]
    [InlineData("a:1", "k")]
    public async Task A_load_inside_a_factory_reuses_the_slot_of_the_load_around_it(string outer, string inner)
    {
        await using var test = new CacheUnderTest(Configure);
        var read = ReadAsync(test.Cache, outer, async token => "1" + await ReadAsync(test.Cache, inner, static _ => new ValueTask<string>("2")));
        Assert.Equal("12", await Eventually.Ends("the nested load ends", read));
        await AssertOneSlotAsync(test.Cache, "a:");

        static void Configure(UnstaleOptions o)
        {
            o.LoadLimit = Limit(1, waiting: 0);
            o.PrefixLoadLimits["a:"] = Limit(1, waiting: 1);
            o.PrefixLoadLimits["b:"] = Limit(1, waiting: 0);
        }
    }

    [Fact]
    public async Task A_factory_with_a_slot_of_the_cache_waits_for_a_slot_of_a_prefix()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.LoadLimit = Limit(4, waiting: 0);
            o.PrefixLoadLimits["a:"] = Limit(1, waiting: 1);
        });
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "a:1", source.ReadAsync);
        var outer = ReadAsync(test.Cache, "k", async token => "k" + await ReadAsync(test.Cache, "a:2", source.ReadAsync));
        Assert.Equal(1, source.Reads);
        source[1].LetGo();
        source[2].LetGo();
        Assert.Equal("old", await Eventually.Ends("the first load ends", first));
        Assert.Equal("kold", await Eventually.Ends("the nested load ends", outer));
        await AssertOneSlotAsync(test.Cache, "a:");
    }

    [Fact]
    public async Task A_waiting_load_proceeds_when_a_load_with_a_slot_waits_for_it()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(1, waiting: 1));
        var goes = new TaskCompletionSource();
        var first = ReadAsync(test.Cache, "k1", async token =>
        {
            await goes.Task;
            return "1" + await ReadAsync(test.Cache, "k2", static _ => new ValueTask<string>("another 2"));
        });
        var waits = ReadAsync(test.Cache, "k2", static _ => new ValueTask<string>("2"));
        Assert.False(waits.IsCompleted);
        goes.SetResult();
        Assert.Equal("12", await Eventually.Ends("the first load ends", first));
        Assert.Equal("2", await Eventually.Ends("the load that waited ends", waits));
        await AssertOneSlotAsync(test.Cache, "k");
    }

    [Fact]
    public async Task A_load_waits_on_for_a_prefix_when_a_load_with_a_slot_of_the_cache_waits_for_it()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.LoadLimit = Limit(1, waiting: 0);
            o.PrefixLoadLimits["a:"] = Limit(1, waiting: 1);
        });
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "a:1", source.ReadAsync);
        var waits = ReadAsync(test.Cache, "a:2", source.ReadAsync);
        var outer = ReadAsync(test.Cache, "k", token => new ValueTask<string>(ReadAsync(test.Cache, "a:2", source.ReadAsync)));
        Assert.Equal((1, false), (source.Reads, outer.IsCompleted));
        source[1].LetGo();
        source[2].LetGo();
        await Eventually.Ends("all loads end", Task.WhenAll(first, waits, outer));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task Loads_of_many_keys_that_read_each_others_prefixes_all_end_and_lose_no_slot()
    {
        await using var test = new CacheUnderTest(
            static o =>
            {
                o.LoadLimit = Limit(2, waiting: 1000, Timeout.InfiniteTimeSpan);
                foreach (var prefix in new[] { "a:", "b:", "c:" })
                    o.PrefixLoadLimits[prefix] = Limit(1, waiting: 1000, Timeout.InfiniteTimeSpan);
            },
            time: TimeProvider.System);
        for (var round = 0; round < 20; round++)
        {
            var random = new Random(round);
            string KeyOf(int level) => $"{"abck"[random.Next(4)]}:{round}:{level}:{random.Next(4)}";
            var chains = Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, 4).Select(KeyOf).ToArray()).ToList();
            var reads = chains.ConvertAll(chain => Task.Run(() => ReadChainAsync(test.Cache, chain, 0), Stop));
            await Eventually.Ends($"all loads of round {round} end", Task.WhenAll(reads));
        }

        foreach (var prefix in new[] { "a:", "b:", "c:" })
            await AssertOneSlotAsync(test.Cache, prefix, rejects: false);
    }

    [Fact]
    public async Task Hits_transactions_and_uncacheable_keys_need_no_slot()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(1, waiting: 0));
        await test.Cache.SetAsync("hit", "v", cancellationToken: Stop);
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "k", source.ReadAsync);
        Assert.Equal("v", await ReadAsync(test.Cache, "hit", source.ReadAsync));
        Assert.Equal("new", await ReadAsync(test.Cache, "", static _ => new ValueTask<string>("new")));
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
            Assert.Equal("new", await ReadAsync(test.Cache, "other", static _ => new ValueTask<string>("new")));
        await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(test.Cache, "other", Plain));
        using (test.Cache.BypassScope())
            await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(test.Cache, "hit", Plain));
        source[1].LetGo();
        await first;
        await AssertOneSlotAsync(test.Cache, "k", waits: false);
    }

    [Fact]
    public async Task A_call_for_several_keys_needs_one_slot_of_its_first_key()
    {
        await using var test = new CacheUnderTest(static o =>
        {
            o.LoadLimit = Limit(1, waiting: 0);
            o.PrefixLoadLimits["a:"] = Limit(1, waiting: 1);
        });
        var goes = new TaskCompletionSource();
        var many = ManyAsync(["k1", "k2", "a:1"], goes.Task);
        await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(test.Cache, "k3", static _ => new ValueTask<string>("v")));
        await Assert.ThrowsAsync<LoadRejectedException>(() => ManyAsync(["k3", "k4"], goes.Task));
        await AssertOneSlotAsync(test.Cache, "a:");
        goes.SetResult();
        Assert.Equal(3, (await many).Count);
        Assert.Equal(2, (await ManyAsync(["k3", "k4"], goes.Task)).Count);

        Task<IReadOnlyDictionary<string, string>> ManyAsync(string[] keys, Task gate) => test.Cache.GetOrCreateManyAsync(
            keys,
            async (open, _) =>
            {
                await gate;
                return open.ToDictionary(static key => key, static key => key, StringComparer.Ordinal);
            },
            cancellationToken: Stop).AsTask();
    }

    [Fact]
    public async Task A_rejected_refresh_leaves_the_old_value_and_a_rejected_load_the_value_of_the_fail_safe()
    {
        await using var test = new CacheUnderTest(static o => (o.LoadLimit, o.FailSafeFor) = (Limit(1, waiting: 0), TimeSpan.FromHours(1)));
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromMinutes(1), FreshFor = Second };
        await test.Cache.SetAsync("k", "old", options, cancellationToken: Stop);
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "other", source.ReadAsync);
        test.Clock.Advance(2 * Second);
        Assert.Equal("old", await test.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("new"), options, cancellationToken: Stop));
        await Eventually.Holds("the refresh is rejected", () => test.Cache.GetStatistics().LoadsRejected == 1);
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        var read = await test.Cache.GetOrCreateResultAsync("k", static (_, _) => new ValueTask<string>("new"), options, cancellationToken: Stop);
        Assert.Equal(new CacheResult<string>("old", CacheOutcome.FailSafe), read);
        source[1].LetGo();
        await first;
    }

    [Fact]
    public async Task A_load_abandoned_while_it_waits_or_runs_keeps_no_slot()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(1, waiting: 1));
        var options = new UnstaleEntryOptions { LoadTimeout = Second };
        for (var round = 0; round < 20; round++)
        {
            var source = new GatedSource();
            ValueTask<string> Deaf(CancellationToken token) => source.ReadAsync(CancellationToken.None);
            var runs = test.Cache.GetOrCreateAsync("k1", Deaf, options, cancellationToken: Stop).AsTask();
            await source[1].BegunAsync();
            var waits = test.Cache.GetOrCreateAsync("k2", Deaf, options, cancellationToken: Stop).AsTask(); // on another thread, so the limit may end the wait or precede it
            test.Clock.Advance(Second);
            await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the first caller is answered", runs));
            await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the second caller is answered", waits));
            source[1].LetGo();
            source[2].LetGo();
            await AssertOneSlotAsync(test.Cache, $"{round}:");
        }
    }

    [Fact]
    public async Task A_caller_that_leaves_while_its_load_waits_makes_room_in_the_queue()
    {
        await using var test = new CacheUnderTest(static o => o.LoadLimit = Limit(1, waiting: 1));
        var source = new GatedSource();
        var first = ReadAsync(test.Cache, "k1", source.ReadAsync);
        using var leaves = new CancellationTokenSource();
        var gone = test.Cache.GetOrCreateAsync("k2", source.ReadAsync, cancellationToken: leaves.Token).AsTask();
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await Eventually.Holds("the place is free", () => !IsFull(test.Cache));
        source[1].LetGo();
        await first;
        await AssertOneSlotAsync(test.Cache, "k");
    }

    [Fact]
    public async Task The_limit_while_the_node_is_not_trusted_applies_in_addition()
    {
        await using var cluster = new TestCluster(1, static o =>
        {
            o.LoadLimit = Limit(2, waiting: 0);
            (o.MaximumUntrustedLoads, o.UntrustedLoadsWaiting) = (1, 0);
            o.PrefixLoadLimits["a:"] = Limit(1, waiting: 0);
        });
        cluster.A.Faults.Refuses = static _ => true;
        cluster.Advance(6);
        Assert.False(cluster.A.IsTrusted);
        var source = new GatedSource();
        var first = ReadAsync(cluster.A.Cache, "k1", source.ReadAsync);
        Assert.Contains("is not trusted", (await RejectedAsync("k2")).Message, StringComparison.Ordinal);
        Assert.Contains("is not trusted", (await RejectedAsync("a:1")).Message, StringComparison.Ordinal);
        source[1].LetGo();
        await first;
        var nested = ReadAsync(cluster.A.Cache, "k1", async token => "1" + await ReadAsync(cluster.A.Cache, "a:1", static _ => new ValueTask<string>("2")));
        Assert.Equal("12", await Eventually.Ends("the nested load ends", nested));

        Task<LoadRejectedException> RejectedAsync(string key) => Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(cluster.A.Cache, key, Plain));
    }

    private static ValueTask<string> Plain(CancellationToken token) => new("v");

    private static LoadLimit Limit(int loads, int waiting, TimeSpan? timeout = null) =>
        new() { MaximumLoads = loads, MaximumWaiting = waiting, SlotTimeout = timeout ?? TimeSpan.FromSeconds(10) };

    private static Task<string> ReadAsync(UnstaleCache cache, string key, Func<CancellationToken, ValueTask<string>> factory) =>
        cache.GetOrCreateAsync(key, factory, cancellationToken: Stop).AsTask();

    private static Task<string> ReadChainAsync(UnstaleCache cache, string[] keys, int at) => ReadAsync(cache, keys[at], async _ =>
    {
        await Task.Yield();
        return at + 1 < keys.Length ? keys[at] + await ReadChainAsync(cache, keys, at + 1) : keys[at];
    });

    /// <summary>Reports whether the queue of a limit is full, by a load that is rejected in this case and cancelled otherwise.</summary>
    private static bool IsFull(UnstaleCache cache)
    {
        using var source = new CancellationTokenSource();
        var probe = cache.GetOrCreateAsync("probe", static _ => new ValueTask<string>("v"), cancellationToken: source.Token).AsTask();
        source.Cancel();
        return probe is { IsFaulted: true, Exception.InnerException: LoadRejectedException };
    }

    /// <summary>Verifies that exactly one slot is free: none was lost, and none is counted twice.</summary>
    private static async Task AssertOneSlotAsync(UnstaleCache cache, string prefix, bool waits = true, bool rejects = true)
    {
        var probes = 0; // a load that has ended early returns its slot on another thread
        await Eventually.Holds("a slot is free", () => ReadAsync(cache, $"{prefix}probe{probes++}", static _ => new ValueTask<string>("v")).IsCompletedSuccessfully);
        var goes = new TaskCompletionSource();
        var one = ReadAsync(cache, prefix + "one", async _ =>
        {
            await goes.Task;
            return "one";
        });
        var two = waits ? ReadAsync(cache, prefix + "two", static _ => new ValueTask<string>("two")) : Task.FromResult("two");
        Assert.Equal(!waits, two.IsCompleted);
        if (rejects)
            await Assert.ThrowsAsync<LoadRejectedException>(() => ReadAsync(cache, prefix + "three", static _ => new ValueTask<string>("three")));
        goes.SetResult();
        Assert.Equal("one", await Eventually.Ends("the load ends", one));
        Assert.Equal("two", await Eventually.Ends("the next load ends", two));
    }
}
