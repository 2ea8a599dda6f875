using System.Runtime.CompilerServices;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Waits of callers for the log, and the end of each wait.</summary>
public sealed class AppendWaitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_call_has_its_own_timeout()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Faults.Ignores = _ => true;
        var first = cluster.A.Invalidator.InvalidateKeyAsync("first", cancellationToken: Stop).AsTask();
        cluster.Advance(.4);
        var second = cluster.A.Invalidator.InvalidateKeyAsync("second", cancellationToken: Stop).AsTask();
        cluster.Advance(.6);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the first returns", first)).State);
        Assert.False(second.IsCompleted);
        cluster.Advance(.39);
        Assert.False(second.IsCompleted);
        cluster.Advance(.01);
        Assert.Equal(ReceiptState.Queued, (await Eventually.Ends("the second returns", second)).State);
    }

    [Fact]
    public async Task A_log_unavailable_for_longer_than_the_AppendTimeout_is_not_waited_for()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Session.Cut();
        var first = cluster.A.Invalidator.InvalidateKeyAsync("first", cancellationToken: Stop).AsTask();
        cluster.Advance(.9);
        var second = cluster.A.Invalidator.InvalidateKeyAsync("second", cancellationToken: Stop).AsTask();
        Assert.False(first.IsCompleted);
        cluster.Advance(.1);
        await Eventually.Ends("the first returns at its deadline", first);
        Assert.False(second.IsCompleted);
        var third = cluster.A.Invalidator.InvalidateKeyAsync("third", cancellationToken: Stop);
        Assert.True(third.IsCompletedSuccessfully);
        var receipt = await third;
        Assert.Equal(ReceiptState.Queued, receipt.State);
        cluster.A.Session.Reconnect();
        await Eventually.Holds("it is applied", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.1));
    }

    [Fact]
    public async Task With_WhenUnavailable_Throw_a_call_throws_at_once_if_the_log_is_long_unavailable()
    {
        await using var cluster = new TestCluster(1, log: o => o.WhenUnavailable = LogUnavailableBehavior.Throw);
        cluster.A.Session.Cut();
        cluster.Advance(1);
        var raised = cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.True(raised.IsFaulted);
        await Assert.ThrowsAsync<InvalidationLogUnavailableException>(async () => await raised);
    }

    [Fact]
    public async Task A_caller_that_blocks_at_the_end_of_its_wait_delays_no_other_caller()
    {
        var completions = new CompletionQueue();
        var blocks = new TaskCompletionSource();
        PendingAppend[] waits = [.. Enumerable.Range(0, 3).Select(_ => Wait())];
        var blocked = BlockAsync(waits[0].WaitAsync(completions.End, Stop), blocks.Task);
        Task[] others = [.. waits[1..].Select(w => w.WaitAsync(completions.End, Stop).AsTask())];
        foreach (var wait in waits)
            completions.End(wait);
        await Eventually.Ends("the others go on", Task.WhenAll(others));
        Assert.False(blocked.IsCompleted);
        blocks.SetResult();
        await Eventually.Ends("he goes on", blocked);
    }

    [Fact]
    public void An_append_that_ended_holds_no_caller()
    {
        var append = Wait();
        var (caller, source) = Resumed(append);
        GC.Collect();
        Assert.False(caller.TryGetTarget(out _));
        Assert.False(source.TryGetTarget(out _));
        GC.KeepAlive(append); // the replay ring holds it
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference<Task> Caller, WeakReference<CancellationTokenSource> Source) Resumed(PendingAppend append)
    {
        using var source = new CancellationTokenSource();
        var caller = CallAsync(append.WaitAsync(static _ => { }, source.Token));
        append.ResumeCaller();
        Assert.True(caller.IsCompletedSuccessfully);
        return (new(caller), new(source));
    }

    private static async Task CallAsync(ValueTask<Operation> wait) => await wait;

    private static Task BlockAsync(ValueTask<Operation> wait, Task until) =>
        wait.AsTask().ContinueWith(_ => until.Wait(Stop), Stop, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static PendingAppend Wait() =>
        new(new InvalidationRecord(1, InvalidationTarget.Everything, new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch), 0);
}
