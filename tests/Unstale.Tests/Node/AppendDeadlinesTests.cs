using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class AppendDeadlinesTests
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly MonotonicClock _monotonic;
    private readonly AppendDeadlines _deadlines;

    public AppendDeadlinesTests()
    {
        _monotonic = new MonotonicClock(_clock);
        _deadlines = new AppendDeadlines(_monotonic, TimeSpan.FromMilliseconds(500), new Releases());
    }

    [Fact]
    public async Task Each_wait_ends_after_the_whole_time_and_not_before()
    {
        var first = Begin();
        Advance(200);
        var second = Begin();
        Advance(299);
        Assert.False(first.Wait.IsOver);
        Advance(2);
        Assert.True(first.Wait.IsOver);
        Assert.False(second.Wait.IsOver);
        Advance(200);
        Assert.True(second.Wait.IsOver);
        await first.Caller;
        await second.Caller;
        await _deadlines.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_after_all_others_are_over_has_a_deadline_too()
    {
        await EndsAsync(Begin());
        var done = Begin();
        Assert.True(done.Wait.End());
        await EndsAsync(Begin());
        await _deadlines.DisposeAsync();

        async Task EndsAsync((OperationWait Wait, Task Caller) begun)
        {
            Advance(501);
            Assert.True(begun.Wait.IsOver);
            await begun.Caller;
        }
    }

    [Fact]
    public async Task The_end_releases_all_callers_and_those_who_come_later()
    {
        var (one, two) = (Begin(), Begin());
        await _deadlines.DisposeAsync();
        await one.Caller;
        await two.Caller;
        await Begin().Caller;
    }

    private (OperationWait Wait, Task Caller) Begin()
    {
        var operation = new Operation(new InvalidationRecord(1, InvalidationTarget.Everything, new RecordOrigin("node", "tests"), DateTimeOffset.UnixEpoch), 0);
        var wait = new OperationWait(operation);
        var caller = wait.BeginAsync(static _ => { }, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        _deadlines.Add(wait, _monotonic.Now);
        return (wait, caller);
    }

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
