using System.Transactions;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Limits of loads and of waits for another caller's load, and loads cancelled by another caller's token.</summary>
public sealed class LoadLimitTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly UnstaleEntryOptions Limited = new() { LoadTimeout = Second };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_load_that_never_ends_is_abandoned_and_the_next_caller_loads_anew()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var seen = CancellationToken.None;
        ValueTask<string> Deaf(CancellationToken token)
        {
            seen = token;
            return source.ReadAsync(CancellationToken.None);
        }

        var waiters = Enumerable.Range(0, 10).Select(_ => test.Cache.GetOrCreateAsync("k", Deaf, Limited, cancellationToken: Stop).AsTask()).ToList();
        await source[1].BegunAsync();
        test.Clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.All(waiters, w => Assert.False(w.IsCompleted));
        test.Clock.Advance(TimeSpan.FromMilliseconds(1));
        foreach (var waiter in waiters)
        {
            var passed = await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("a caller is answered", waiter));
            Assert.Equal(("LoadTimeout", Second), (passed.Setting, passed.Limit));
            Assert.Equal("Cache 'default': the load of 'k' took longer than LoadTimeout (00:00:01) and was abandoned. Check why the source is slow, or raise the limit.", passed.Message);
        }

        Assert.Equal((true, 1), (seen.IsCancellationRequested, source.Reads));
        source.Value = "new";
        source[2].LetGo();
        Assert.Equal("new", await test.Cache.GetOrCreateAsync("k", Deaf, Limited, cancellationToken: Stop));
        source[1].LetGo();
        await Eventually.Holds("the late load has ended", () => test.Cache.GetStatistics().Loads == 2);
        Assert.Equal("new", await test.Cache.GetOrCreateAsync("k", Deaf, Limited, cancellationToken: Stop));
    }

    [Fact]
    public async Task A_late_value_of_an_abandoned_load_is_kept_in_neither_level()
    {
        await using var cluster = new TestCluster(1);
        var source = new GatedSource();
        var late = new TaskCompletionSource();
        async ValueTask<string> DeafAsync(CancellationToken token)
        {
            try
            {
                return await source.ReadAsync(CancellationToken.None);
            }
            finally
            {
                late.TrySetResult();
            }
        }

        var read = cluster.A.Cache.GetOrCreateAsync("k", DeafAsync, Limited, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        cluster.Advance(1);
        await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the caller is answered", read));
        await Eventually.Holds("the lease is given back", () => cluster.Server.Read(static d => d.Leases.Count == 0));
        source[1].LetGo();
        await late.Task;
        await Task.Run(static () => { }, Stop);
        Assert.Null(cluster.A.Cache.Inspect("k"));
        Assert.Empty(cluster.Server.Read(static d => d.Values));
    }

    [Fact]
    public async Task A_load_that_blocks_its_thread_delays_its_caller_only_until_the_limit()
    {
        await using var test = new CacheUnderTest();
        using var unblocked = new ManualResetEventSlim();
        using var blocked = new ManualResetEventSlim();
        var read = Task.Run(
            () => test.Cache.GetOrCreateAsync(
                "k",
                _ =>
                {
                    blocked.Set();
                    unblocked.Wait(Stop);
                    return new ValueTask<string>("late");
                },
                Limited,
                cancellationToken: Stop).AsTask(),
            Stop);
        await Eventually.Holds("the load blocks", () => blocked.IsSet);
        await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the caller is answered", read, () => test.Clock.Advance(Second)));
        unblocked.Set();
    }

    [Fact]
    public async Task A_value_set_during_a_load_is_returned_when_the_load_exceeds_its_limit()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var starter = test.Cache.GetOrCreateResultAsync("k", (_, _) => source.ReadAsync(CancellationToken.None), Limited, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var joiner = test.Cache.GetOrCreateResultAsync("k", (_, _) => source.ReadAsync(CancellationToken.None), Limited, cancellationToken: Stop).AsTask();
        await test.Cache.SetAsync("k", "set", cancellationToken: Stop);
        test.Clock.Advance(Second);
        Assert.Equal(new CacheResult<string>("set", CacheOutcome.Memory), await Eventually.Ends("the starter is answered", starter));
        Assert.Equal(new CacheResult<string>("set", CacheOutcome.Memory), await Eventually.Ends("the joiner is answered", joiner));
    }

    [Fact]
    public async Task A_refresh_that_never_ends_makes_room_for_another_after_a_pause()
    {
        await using var test = new CacheUnderTest();
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(1), FreshFor = TimeSpan.FromSeconds(10), LoadTimeout = Second };
        var source = new GatedSource();
        source[1].LetGo();
        ValueTask<string> Read() => test.Cache.GetOrCreateAsync("k", _ => source.ReadAsync(CancellationToken.None), options, cancellationToken: Stop);
        await Read();
        test.Clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("old", await Read());
        await source[2].BegunAsync();
        source.Value = "new";
        source[3].LetGo();
        await Eventually.Holds("another refresh has ended", () => test.Cache.Inspect("k")?.State == EntryState.Live, () =>
        {
            test.Clock.Advance(TimeSpan.FromMilliseconds(250));
            _ = Read().AsTask();
        });
        Assert.Equal(("new", 3), (await Read(), source.Reads));
        source[2].LetGo();
    }

    [Fact]
    public async Task A_load_inside_a_transaction_has_the_limit_too()
    {
        await using var test = new CacheUnderTest(static o => o.LoadTimeout = Second);
        var source = new GatedSource();
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        var read = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        test.Clock.Advance(Second);
        await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the caller is answered", read));
        Assert.True(source[1].Token.IsCancellationRequested);
    }

    [Fact]
    public async Task An_abandoned_load_releases_its_slot()
    {
        await using var cluster = new TestCluster(1, static o => (o.MaximumUntrustedLoads, o.LoadTimeout) = (1, Second));
        cluster.A.Break("refused");
        cluster.Advance(10);
        Assert.False(cluster.A.IsTrusted);
        var source = new GatedSource();
        ValueTask<string> Deaf(CancellationToken token) => source.ReadAsync(CancellationToken.None);
        var first = cluster.A.Cache.GetOrCreateAsync("k1", Deaf, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        cluster.Advance(.6);
        var second = cluster.A.Cache.GetOrCreateAsync("k2", Deaf, cancellationToken: Stop).AsTask();
        source[2].LetGo();
        cluster.Advance(.5);
        await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the first caller is answered", first));
        Assert.Equal("old", await Eventually.Ends("the second has its place", second));
        source[1].LetGo();
    }

    [Fact]
    public async Task An_abandoned_load_releases_its_lease_to_other_nodes()
    {
        await using var cluster = new TestCluster(configure: static o => o.LoadTimeout = TimeSpan.FromSeconds(10));
        var source = new GatedSource();
        var here = cluster.A.Cache.GetOrCreateAsync("k", _ => source.ReadAsync(CancellationToken.None), new UnstaleEntryOptions { LoadTimeout = TimeSpan.FromSeconds(2) }, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        source[2].LetGo();
        var there = cluster.B.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        Assert.Equal("old", await Eventually.Ends("the other node loads", there, () => cluster.Advance(.05)));
        Assert.InRange(cluster.Clock.GetUtcNow() - cluster.Clock.Start, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        await Assert.ThrowsAsync<LoadTimeoutException>(() => here);
        source[1].LetGo();
    }

    [Fact]
    public async Task A_caller_waits_for_another_s_load_no_longer_than_its_own_limit()
    {
        await using var test = new CacheUnderTest(static o => o.WaitTimeout = Second);
        var source = new GatedSource();
        var starter = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var short1 = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        var patient = test.Cache.GetOrCreateAsync("k", source.ReadAsync, new UnstaleEntryOptions { WaitTimeout = Timeout.InfiniteTimeSpan }, cancellationToken: Stop).AsTask();
        test.Clock.Advance(Second);
        var passed = await Assert.ThrowsAsync<LoadTimeoutException>(() => Eventually.Ends("the caller is answered", short1));
        Assert.Equal("Cache 'default': another caller's load of 'k' did not end within WaitTimeout (00:00:01). Check why the source is slow, or raise the limit.", passed.Message);
        Assert.Equal(("WaitTimeout", false), (passed.Setting, source[1].Token.IsCancellationRequested));
        source[1].LetGo();
        Assert.Equal(("old", "old", 1), (await starter, await patient, source.Reads));
    }

    [Fact]
    public async Task An_ended_wait_inside_a_load_does_not_stop_the_other_load_from_recording_dependencies()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var starter = test.Cache.GetOrCreateAsync(
            "inner",
            async token =>
            {
                await test.Cache.GetOrCreateAsync("before", static _ => new ValueTask<int>(1), cancellationToken: token);
                await source.ReadAsync(token);
                return await test.Cache.GetOrCreateAsync("after", static _ => new ValueTask<int>(1), cancellationToken: token);
            },
            cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var outer = test.Cache.GetOrCreateAsync(
            "outer",
            async token =>
            {
                try
                {
                    return await test.Cache.GetOrCreateAsync("inner", static _ => new ValueTask<int>(2), new UnstaleEntryOptions { WaitTimeout = Second }, cancellationToken: token);
                }
                catch (LoadTimeoutException)
                {
                    return -1;
                }
            },
            cancellationToken: Stop).AsTask();
        test.Clock.Advance(Second);
        Assert.Equal(-1, await Eventually.Ends("the outer load goes on", outer));
        source[1].LetGo();
        Assert.Equal(1, await starter);
        Assert.Equal(["before", "after"], test.Cache.Inspect("inner")!.Dependencies);
        await test.Invalidator.InvalidateKeyAsync("after", cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("inner", out int _));
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("-00:00:01")]
    [InlineData("2.00:00:00")]
    public async Task A_limit_of_a_call_that_cannot_work_is_refused(string limit)
    {
        await using var test = new CacheUnderTest();
        var value = TimeSpan.Parse(limit, System.Globalization.CultureInfo.InvariantCulture);
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await test.Cache.GetOrCreateAsync(
            "k", static _ => new ValueTask<int>(1), new UnstaleEntryOptions { WaitTimeout = value }, cancellationToken: Stop));
        Assert.StartsWith($"WaitTimeout is {value}; it must be from 00:00:00.0010000 to 1.00:00:00. Timeout.InfiniteTimeSpan means no limit.", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Callers_whose_own_tokens_live_start_again_when_others_tokens_cancel_the_load(int aborted)
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var requests = Enumerable.Range(0, 20).Select(_ => new CancellationTokenSource()).ToList();
        var order = 0;
        Task<string> Request(CancellationToken own) => test.Cache.GetOrCreateAsync("k", _ => source.ReadAsync(own), cancellationToken: CancellationToken.None).AsTask();
        var reads = requests.ConvertAll(r => Request(r.Token));
        for (var i = 1; i <= aborted; i++)
        {
            await source[i].BegunAsync();
            var running = requests.Find(r => r.Token == source[i].Token)!;
            order++;
            await running.CancelAsync();
        }

        source[aborted + 1].LetGo();
        await Eventually.Holds("all are answered", () => reads.TrueForAll(static r => r.IsCompleted));
        Assert.Equal(aborted, reads.Count(static r => r.IsCanceled));
        Assert.Equal(20 - aborted, reads.Count(static r => r.IsCompletedSuccessfully));
        Assert.Equal((aborted, aborted + 1), (order, source.Reads));
        requests.ForEach(static r => r.Dispose());
    }

    [Fact]
    public async Task A_time_out_of_a_client_inside_the_load_is_thrown_to_every_waiting_caller()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var reads = Enumerable.Range(0, 5).Select(_ => test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask()).ToList();
        await source[1].BegunAsync();
        source[1].Fail(new TaskCanceledException("HttpClient.Timeout", new TimeoutException()));
        foreach (var read in reads)
            await Assert.ThrowsAsync<TaskCanceledException>(() => read);
        Assert.Equal(1, source.Reads);
    }
}
