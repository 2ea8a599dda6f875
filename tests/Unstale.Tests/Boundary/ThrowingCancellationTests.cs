using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Boundary;

/// <summary>Callbacks registered by factories on their token that throw on cancellation.</summary>
public sealed class ThrowingCancellationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancelled_caller_gets_its_cancellation_and_not_the_exception_of_a_callback_of_the_factory()
    {
        await using var test = new CacheUnderTest();
        using var leave = new CancellationTokenSource();
        var began = new TaskCompletionSource();
        var call = test.Cache.GetOrCreateAsync("k", token => BrokenAsync(began, token), cancellationToken: leave.Token).AsTask();
        await began.Task;
        await leave.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the caller goes on", call));
        Assert.Equal(leave.Token, cancelled.CancellationToken);
    }

    [Fact]
    public async Task The_last_of_several_callers_who_cancel_gets_its_cancellation()
    {
        await using var test = new CacheUnderTest();
        using var one = new CancellationTokenSource();
        using var other = new CancellationTokenSource();
        var began = new TaskCompletionSource();
        var first = test.Cache.GetOrCreateAsync("k", token => BrokenAsync(began, token), cancellationToken: one.Token).AsTask();
        await began.Task;
        var joined = test.Cache.GetOrCreateAsync("k", token => BrokenAsync(began, token), cancellationToken: other.Token).AsTask();
        await one.CancelAsync();
        await other.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the first caller goes on", first));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the joined caller goes on", joined));
    }

    [Fact]
    public async Task A_cache_is_disposed_although_its_disposal_runs_a_callback_that_throws()
    {
        var services = new ServiceCollection().AddLogging().AddUnstale().Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        var began = new TaskCompletionSource();
        await cache.GetOrCreateAsync("held", _ => new ValueTask<int>(1), cancellationToken: Stop);
        var load = cache.GetOrCreateAsync("k", token => BrokenAsync(began, token), cancellationToken: CancellationToken.None).AsTask();
        await began.Task;
        await services.DisposeAsync();

        Assert.Equal(0, cache.GetStatistics().Entries);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Ends("the load ends", load));
    }

    private static async ValueTask<int> BrokenAsync(TaskCompletionSource began, CancellationToken token)
    {
        // Never disposed, so that the registration still exists when the load is cancelled.
        _ = token.Register(static () => throw new InvalidOperationException("the callback is broken"));
        began.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        return 1;
    }
}
