using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

/// <summary>Expired values for callers whose load fails or takes too long. An invalidated value is never among them.</summary>
public sealed class FailSafeTests : IAsyncDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly UnstaleEntryOptions Safe = new() { Expiration = Minute, FailSafeFor = 60 * Minute, FailSafePause = TimeSpan.FromSeconds(30) };
    private static readonly UnstaleEntryOptions Soft = new() { Expiration = Minute, FailSafeFor = 60 * Minute, SoftTimeout = TimeSpan.FromSeconds(1) };

    private readonly CacheUnderTest _test = new();
    private int _loads;
    private Func<CancellationToken, Task<string>> _load = static _ => Task.FromResult("v1");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_failed_load_returns_the_expired_value_and_pauses_the_loads_of_the_key()
    {
        await ExpireAsync(Safe);
        Fail();
        Assert.Equal(("v1", CacheOutcome.FailSafe), await ReadAsync(Safe));
        Assert.Equal(("v1", CacheOutcome.FailSafe), await ReadAsync(Safe));
        Assert.Equal(2, _loads); // the second read began no load
        _test.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(("v1", CacheOutcome.FailSafe), await ReadAsync(Safe));
        Assert.Equal(3, _loads);
        Assert.Equal(3, _test.Cache.GetStatistics().FailSafeServes);
    }

    [Fact]
    public async Task A_load_that_succeeds_replaces_the_expired_value_and_ends_the_pause()
    {
        await ExpireAsync(Safe);
        Fail();
        await ReadAsync(Safe);
        _load = static _ => Task.FromResult("v2");
        _test.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(("v2", CacheOutcome.Load), await ReadAsync(Safe));
        Assert.Equal(("v2", CacheOutcome.Memory), await ReadAsync(Safe));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_before_the_load_is_never_returned(string by)
    {
        await ExpireAsync(Safe);
        await _test.InvalidateAsync(by);
        Fail();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(Safe));
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("pattern")]
    [InlineData("everything")]
    public async Task A_value_invalidated_during_the_load_is_never_returned(string by)
    {
        await ExpireAsync(Safe);
        var gate = new TaskCompletionSource<string>();
        _load = _ => gate.Task;
        var read = ReadAsync(Safe);
        await _test.InvalidateAsync(by);
        gate.SetException(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => read);
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    public async Task A_value_invalidated_during_the_pause_is_loaded_again(string by)
    {
        await ExpireAsync(Safe);
        Fail();
        await ReadAsync(Safe);
        await _test.InvalidateAsync(by);
        _load = static _ => Task.FromResult("v2");
        Assert.Equal(("v2", CacheOutcome.Load), await ReadAsync(Safe));
    }

    [Fact]
    public async Task A_value_past_the_time_of_the_fail_safe_is_not_returned()
    {
        await ExpireAsync(Safe);
        _test.Clock.Advance(61 * Minute);
        Fail();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(Safe));
    }

    [Fact]
    public async Task A_sweep_keeps_the_expired_value_until_the_time_of_the_fail_safe()
    {
        await ExpireAsync(Safe);
        _test.Sweep();
        Assert.Equal(1, _test.Cache.GetStatistics().Entries);
        _test.Clock.Advance(61 * Minute);
        await _test.Invalidator.InvalidateKeyAsync("other", cancellationToken: Stop);
        await Eventually.Holds("the value is removed", () => _test.Cache.GetStatistics().Entries == 0, _test.Sweep);
    }

    [Fact]
    public async Task A_value_without_fail_safe_is_not_returned()
    {
        await ExpireAsync(new UnstaleEntryOptions { Expiration = Minute });
        Fail();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => ReadAsync(Safe));
    }

    [Fact]
    public async Task An_expired_value_is_no_hit()
    {
        await ExpireAsync(Safe);
        Assert.False(_test.Cache.TryGet("k", out string _));
        Assert.False((await _test.Cache.TryGetAsync<string>("k", Stop)).IsFound);
        Assert.Equal(EntryState.Expired, _test.Cache.Inspect("k")!.State);
    }

    [Fact]
    public async Task A_cancelled_caller_receives_its_cancellation_and_no_value()
    {
        await ExpireAsync(Safe);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        _load = token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith<string>(static _ => throw new InvalidTimeZoneException(), TaskScheduler.Default);
        var read = _test.Cache.GetOrCreateResultAsync("k", (_, token) => LoadAsync(token), Safe, ["t"], stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task The_soft_timeout_returns_the_expired_value_and_the_load_stores_its_value()
    {
        await ExpireAsync(Soft);
        var gate = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _load = _ => gate.Task;
        var read = ReadAsync(Soft);
        await Eventually.Holds("the load has begun", () => _loads == 2);
        Assert.Equal(("v1", CacheOutcome.FailSafe), await Eventually.Ends("the soft timeout has passed", read, () => _test.Clock.Advance(TimeSpan.FromMilliseconds(200))));
        gate.SetResult("v2");
        await Eventually.Holds("the loaded value is stored", () => _test.Cache.TryGet("k", out string value) && value == "v2");
        Assert.Equal(2, _loads);
    }

    [Fact]
    public async Task The_soft_timeout_does_not_return_a_value_invalidated_during_the_load()
    {
        await ExpireAsync(Soft);
        var gate = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        _load = _ => gate.Task;
        var read = ReadAsync(Soft);
        await Eventually.Holds("the load has begun", () => _loads == 2);
        await _test.InvalidateAsync("tag");
        for (var turn = 0; turn < 20; turn++)
            _test.Clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(read.IsCompleted);
        gate.SetResult("v2");
        Assert.Equal("v2", (await Eventually.Ends("the load has ended", read)).Value);
        Assert.False(_test.Cache.TryGet("k", out string _)); // the load began before the invalidation
    }

    [Fact]
    public async Task The_load_outlives_a_caller_that_is_cancelled_before_the_soft_timeout()
    {
        await ExpireAsync(Soft);
        var gate = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ofLoad = new ManualResetEventSlim();
        _load = token =>
        {
            token.UnsafeRegister(static state => ((ManualResetEventSlim)state!).Set(), ofLoad);
            return gate.Task.WaitAsync(token);
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var read = _test.Cache.GetOrCreateResultAsync("k", (_, token) => LoadAsync(token), Soft, ["t"], stop.Token).AsTask();
        await Eventually.Holds("the load has begun", () => _loads == 2);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.False(ofLoad.Wait(TimeSpan.FromMilliseconds(200), Stop), "The load is cancelled with its caller.");
        gate.SetResult("v2");
        await Eventually.Holds("the loaded value is stored", () => _test.Cache.TryGet("k", out string value) && value == "v2");
    }

    [Fact]
    public async Task A_load_past_its_time_limit_counts_as_failed()
    {
        var options = new UnstaleEntryOptions { Expiration = Minute, FailSafeFor = 60 * Minute, LoadTimeout = TimeSpan.FromSeconds(1) };
        await ExpireAsync(options);
        _load = static token => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith(static _ => "late", TaskScheduler.Default);
        var read = ReadAsync(options);
        Assert.Equal(("v1", CacheOutcome.FailSafe), await Eventually.Ends("the limit has passed", read, () => _test.Clock.Advance(TimeSpan.FromMilliseconds(200))));
    }

    [Fact]
    public async Task A_value_made_from_an_expired_one_is_not_stored()
    {
        await ExpireAsync(Safe);
        Fail();
        Assert.Equal("made of v1", await _test.Cache.GetOrCreateAsync("made", async _ => $"made of {(await ReadAsync(Safe)).Value}", cancellationToken: Stop));
        Assert.False(_test.Cache.TryGet("made", out string _));
    }

    [Fact]
    public async Task Copies_of_a_mutable_value_are_returned_too()
    {
        await _test.Cache.GetOrCreateAsync("list", static _ => new ValueTask<List<int>>([1]), Safe, cancellationToken: Stop);
        _test.Clock.Advance(2 * Minute);
        var read = await _test.Cache.GetOrCreateAsync("list", static _ => ValueTask.FromException<List<int>>(new InvalidTimeZoneException()), Safe, cancellationToken: Stop);
        Assert.Equal([1], read);
    }

    [Fact]
    public async Task A_node_that_is_not_trusted_returns_no_expired_value()
    {
        await using var cluster = new TestCluster(1, withRemote: false);
        await cluster.A.Cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v1"), Safe, cancellationToken: Stop);
        cluster.Advance(120);
        cluster.A.Faults.Refuses = static _ => true;
        cluster.Advance(6);
        Assert.False(cluster.A.IsTrusted);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => cluster.A.Cache.GetOrCreateAsync("k", static _ => ValueTask.FromException<string>(new InvalidTimeZoneException()), Safe, cancellationToken: Stop).AsTask());
    }

    [Fact]
    public async Task The_options_of_the_cache_apply_to_calls_of_HybridCache()
    {
        await using var test = new CacheUnderTest(static o => (o.DefaultExpiration, o.FailSafeFor) = (Minute, 10 * Minute));
        HybridCache cache = test.Cache;
        await cache.GetOrCreateAsync("k", static _ => new ValueTask<string>("v1"), cancellationToken: Stop);
        test.Clock.Advance(2 * Minute);
        Assert.Equal("v1", await cache.GetOrCreateAsync("k", static _ => ValueTask.FromException<string>(new InvalidTimeZoneException()), cancellationToken: Stop));
    }

    [Fact]
    public async Task Jitter_lets_values_that_were_loaded_together_expire_at_different_times()
    {
        await using var test = new CacheUnderTest(static o => (o.DefaultExpiration, o.Jitter) = (10 * Minute, Minute));
        var lifetimes = new HashSet<TimeSpan>();
        for (var key = 0; key < 50; key++)
        {
            await test.Cache.GetOrCreateAsync($"k{key}", static _ => new ValueTask<int>(1), cancellationToken: Stop);
            var lifetime = test.Cache.Inspect($"k{key}")!.ExpiresIn;
            Assert.InRange(lifetime, 9 * Minute, 10 * Minute);
            lifetimes.Add(lifetime);
        }

        Assert.True(lifetimes.Count > 10, "The lifetimes differ.");
    }

    [Theory]
    [InlineData("FailSafeFor")]
    [InlineData("Jitter")]
    public async Task A_time_of_a_call_out_of_range_is_refused(string setting)
    {
        var options = setting == "Jitter" ? new UnstaleEntryOptions { Jitter = -Minute } : new UnstaleEntryOptions { FailSafeFor = TimeSpan.FromDays(46) };
        var refused = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(options));
        Assert.StartsWith($"{setting} is ", refused.Message, StringComparison.Ordinal);
    }

    private void Fail() => _load = static _ => Task.FromException<string>(new InvalidTimeZoneException());

    private async Task ExpireAsync(UnstaleEntryOptions options)
    {
        Assert.Equal(("v1", CacheOutcome.Load), await ReadAsync(options));
        _test.Clock.Advance(2 * Minute);
    }

    private async Task<(string Value, CacheOutcome Outcome)> ReadAsync(UnstaleEntryOptions options)
    {
        var result = await _test.Cache.GetOrCreateResultAsync("k", (_, token) => LoadAsync(token), options, ["t"], Stop);
        return (result.Value, result.Outcome);
    }

    private async ValueTask<string> LoadAsync(CancellationToken token)
    {
        Interlocked.Increment(ref _loads);
        return await _load(token);
    }
}
