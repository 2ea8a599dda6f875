using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Loading;

public sealed class LoadCancellationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiter_that_leaves_does_not_disturb_the_others()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var starter = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: one.Token).AsTask();
        await source[1].BegunAsync();
        var joiner = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: other.Token).AsTask();
        var patient = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();

        await one.CancelAsync();
        Assert.Equal(one.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter)).CancellationToken);
        await other.CancelAsync();
        Assert.Equal(other.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joiner)).CancellationToken);
        Assert.False(source[1].Token.IsCancellationRequested);
        source[1].LetGo();

        Assert.Equal("old", await Eventually.Ends("who stayed gets the value", patient));
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task The_factory_is_cancelled_when_the_last_one_leaves_and_a_new_caller_starts_a_new_load()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var leave = new CancellationTokenSource();
        var starter = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: leave.Token).AsTask();
        await source[1].BegunAsync();
        var joiner = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: leave.Token).AsTask();
        Assert.NotEqual(leave.Token, source[1].Token);

        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joiner);
        Assert.True(source[1].Token.IsCancellationRequested);

        source[2].LetGo();
        source.Value = "new";
        Assert.Equal("new", await test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task A_new_caller_does_not_join_a_cancelled_load_whose_factory_is_still_running()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        using var leave = new CancellationTokenSource();
        ValueTask<string> Deaf(CancellationToken token) => source.ReadAsync(CancellationToken.None);
        var starter = test.Cache.GetOrCreateAsync("k", Deaf, cancellationToken: leave.Token).AsTask();
        await source[1].BegunAsync();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter);

        source.Value = "new";
        var next = test.Cache.GetOrCreateAsync("k", Deaf, cancellationToken: Stop).AsTask();
        await source[2].BegunAsync();
        source[2].LetGo();
        Assert.Equal("new", await next);
        source[1].LetGo();
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_throws_before_the_look_up()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", cancellationToken: Stop);
        var gone = new CancellationToken(canceled: true);
        var loads = 0;
        ValueTask<string> Load(CancellationToken token) => new($"{++loads}");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.GetOrCreateAsync("k", Load, cancellationToken: gone).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.GetOrCreateAsync("k".AsSpan(), Load, cancellationToken: gone).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.GetOrCreateAsync($"{'k'}", Load, cancellationToken: gone).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.GetOrCreateResultAsync("k", (_, t) => Load(t), cancellationToken: gone).AsTask());
        Assert.Equal(0, loads);
        Assert.Equal(0, test.Cache.GetStatistics().Hits);
        Assert.True(test.Cache.TryGet("k", out string kept));
        Assert.Equal("v", kept);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Cache.SetAsync("k", "w", cancellationToken: gone).AsTask());
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_factory_that_throws_a_cancellation_fails_for_its_caller_and_waiting_callers_load_again()
    {
        await using var test = new CacheUnderTest();
        var source = new GatedSource();
        var starter = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        await source[1].BegunAsync();
        var joiner = test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask();
        source[1].Fail(new OperationCanceledException("given up"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starter);
        await source[2].BegunAsync();
        Assert.Null(test.Cache.Inspect("k"));
        source[2].LetGo();
        Assert.Equal("old", await joiner);
    }

    [Fact]
    public async Task A_cancelled_call_does_not_revoke_its_invalidation()
    {
        await using var test = new CacheUnderTest();
        await test.Cache.SetAsync("k", "v", cancellationToken: Stop);
        await test.Cache.RemoveAsync("k", new CancellationToken(canceled: true));
        Assert.False(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task Loads_that_run_behind_are_cancelled_when_the_cache_is_disposed()
    {
        var test = new CacheUnderTest();
        var source = new GatedSource();
        source[1].LetGo();
        var options = new UnstaleEntryOptions { FreshFor = TimeSpan.Zero };
        await test.Cache.GetOrCreateAsync("k", source.ReadAsync, options, cancellationToken: Stop);
        await test.Cache.GetOrCreateAsync("k", source.ReadAsync, options, cancellationToken: Stop);
        await source[2].BegunAsync();
        await test.DisposeAsync();
        Assert.True(source[2].Token.IsCancellationRequested);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.Cache.GetOrCreateAsync("k", source.ReadAsync, cancellationToken: Stop).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => test.Cache.SetAsync("k", "v", cancellationToken: Stop).AsTask());
    }
}
