using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Support;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Node;

public sealed class AppendTimeoutsTests
{
    private readonly SteppedTimeProvider _clock = new();
    private readonly MonotonicClock _monotonic;
    private readonly AppendTimeouts _timeouts;

    public AppendTimeoutsTests()
    {
        _monotonic = new MonotonicClock(_clock);
        _timeouts = new AppendTimeouts(_monotonic, TimeSpan.FromMilliseconds(500), new CompletionQueue());
    }

    [Fact]
    public async Task Each_wait_for_an_append_ends_exactly_at_its_timeout()
    {
        var first = Begin();
        Advance(200);
        var second = Begin();
        Advance(299);
        Assert.False(first.Append.IsWaitOver);
        Advance(2);
        Assert.True(first.Append.IsWaitOver);
        Assert.False(second.Append.IsWaitOver);
        Advance(200);
        Assert.True(second.Append.IsWaitOver);
        await first.Caller;
        await second.Caller;
        await _timeouts.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_after_all_others_are_over_has_a_deadline_too()
    {
        await EndsAsync(Begin());
        var done = Begin();
        Assert.True(done.Append.EndWait());
        await EndsAsync(Begin());
        await _timeouts.DisposeAsync();

        async Task EndsAsync((PendingAppend Append, Task Caller) begun)
        {
            Advance(501);
            Assert.True(begun.Append.IsWaitOver);
            await begun.Caller;
        }
    }

    [Fact]
    public async Task The_disposal_of_the_timeouts_releases_all_current_and_later_callers()
    {
        var (one, two) = (Begin(), Begin());
        await _timeouts.DisposeAsync();
        await one.Caller;
        await two.Caller;
        await Begin().Caller;
    }

    private (PendingAppend Append, Task Caller) Begin()
    {
        var append = new PendingAppend(new InvalidationRecord(1, InvalidationTarget.Everything, new RecordOrigin("node", "tests"), DateTimeOffset.UnixEpoch), 0);
        var caller = append.WaitAsync(static _ => { }, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        _timeouts.Add(append, _monotonic.Now);
        return (append, caller);
    }

    private void Advance(int milliseconds) => _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
}
