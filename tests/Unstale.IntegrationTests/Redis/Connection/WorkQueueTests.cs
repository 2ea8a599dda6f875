using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Connection;

/// <summary>Work that waits or hangs when its queue ends.</summary>
public sealed class WorkQueueTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_that_wait_when_the_queue_ends_are_processed_in_order_and_later_items_are_refused()
    {
        var done = new List<int>();
        var queue = new WorkQueue<int>(2, Limit, _time, async (waiting, _) =>
        {
            while (waiting.TryRead(out var item))
            {
                _begun.TrySetResult();
                await _gate.Task;
                done.Add(item);
            }
        });
        Assert.True(queue.TryAdd(1));
        await _begun.Task.WaitAsync(Stop);
        Assert.True(queue.TryAdd(2) && queue.TryAdd(3));
        Assert.False(queue.TryAdd(4));
        var end = queue.DisposeAsync().AsTask();
        Assert.False(queue.TryAdd(5));
        await Assert.ThrowsAsync<ChannelClosedException>(() => queue.AddAsync(6, Stop).AsTask());
        Assert.False(end.IsCompleted);
        _gate.SetResult();
        await end.WaitAsync(Stop);
        Assert.Equal([1, 2, 3], done);
    }

    [Fact]
    public async Task An_exception_of_one_work_item_is_reported_and_the_next_item_is_processed()
    {
        var failures = new List<string>();
        var done = 0;
        var queue = new WorkQueue<int>(
            2,
            Limit,
            TimeProvider.System,
            (waiting, _) => waiting.TryRead(out var item) && item == 1 ? throw new InvalidOperationException("the first") : Done(),
            failure => failures.Add(failure.Message));
        Assert.True(queue.TryAdd(1));
        Assert.True(queue.TryAdd(2));
        await queue.DisposeAsync();

        Assert.Equal(["the first"], failures);
        Assert.Equal(1, done);

        ValueTask Done()
        {
            done++;
            return default;
        }
    }

    [Fact]
    public async Task Hanging_work_is_cancelled_at_the_limit_and_delays_the_end_no_longer()
    {
        CancellationToken reported = default;
        var queue = new WorkQueue<int>(2, Limit, _time, async (_, stop) =>
        {
            reported = stop;
            _begun.SetResult();
            await _gate.Task;
        });
        Assert.True(queue.TryAdd(1));
        await _begun.Task.WaitAsync(Stop);
        var end = queue.DisposeAsync().AsTask();
        _time.Advance(Limit - TimeSpan.FromMilliseconds(1));
        Assert.False(end.IsCompleted);
        Assert.False(reported.IsCancellationRequested);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await end.WaitAsync(Stop);
        Assert.True(reported.IsCancellationRequested);
        await queue.DisposeAsync();
        _gate.SetResult();
    }
}
