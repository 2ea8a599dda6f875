using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Waits of clients for positions, and of loads for a confirmation.</summary>
public sealed class PositionWaiterTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new NodeParts().Follow(sequence: 5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HeldSession Session => _parts.Session;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    [Fact]
    public async Task A_reached_position_needs_no_tail()
    {
        var wait = WaitFor(_parts.At(5)).AsTask();
        Assert.True(wait.IsCompleted);
        Assert.Equal((PositionStatus.Reached, 1), (await wait, Session.Tails));
    }

    [Fact]
    public async Task A_position_of_another_partition_is_unknown() =>
        Assert.Equal(PositionStatus.Unknown, await WaitFor(new LogPosition(1, _parts.Generation, 1)));

    [Fact]
    public async Task A_later_position_is_reached_with_the_records_that_the_tail_brings()
    {
        var wait = WaitFor(_parts.At(6)).AsTask();
        Assert.Equal((2, false), (Session.Tails, Session.LastTail.Confirms));
        Session.ReplyToTail(new TailReply(TailState.Records, _parts.Generation, 6, 1, [new LoggedRecord(6, 0, _parts.Record("k"))]));
        _parts.Changed.Set();
        Assert.Equal(PositionStatus.Reached, await Eventually.Ends("the wait ends", wait));
    }

    [Fact]
    public async Task A_position_above_the_log_is_unknown_once_the_log_has_replied()
    {
        var wait = WaitFor(_parts.At(9)).AsTask();
        Session.ReplyToTail(new TailReply(TailState.Records, _parts.Generation, 5, 0, []));
        _parts.Changed.Set();
        Assert.Equal(PositionStatus.Unknown, await Eventually.Ends("the wait ends", wait));
    }

    [Fact]
    public async Task Without_a_reply_the_wait_ends_at_its_limit()
    {
        var wait = WaitFor(_parts.At(9)).AsTask();
        await Eventually.Holds("the wait ends", () => wait.IsCompleted, () => _parts.Clock.Advance(TimeSpan.FromMilliseconds(100)));
        Assert.Equal(PositionStatus.NotYet, await wait);
    }

    [Fact]
    public async Task Concurrent_confirmations_share_one_tail_and_end_with_its_reply()
    {
        var (after, epoch) = (_parts.Horizon.TailsBegun, _parts.Horizon.View.Epoch);
        Task[] confirmations = [.. Enumerable.Range(0, 3).Select(_ => _parts.Positions.ConfirmAsync(after, epoch, Stop))];
        Assert.Equal(2, Session.Tails);
        Assert.All(confirmations, c => Assert.False(c.IsCompleted));
        Session.ReplyToTail(new TailReply(TailState.Records, _parts.Generation, 5, 0, []));
        _parts.Changed.Set();
        await Eventually.Ends("all end", Task.WhenAll(confirmations));
        Assert.Equal(2, Session.Tails);
    }

    [Fact]
    public async Task A_confirmation_ends_after_a_quarter_of_a_second_without_a_reply()
    {
        var confirmation = _parts.Positions.ConfirmAsync(_parts.Horizon.TailsBegun, _parts.Horizon.View.Epoch, Stop);
        _parts.Clock.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(confirmation.IsCompleted);
        await Eventually.Holds("the wait ends", () => confirmation.IsCompleted, () => _parts.Clock.Advance(TimeSpan.FromMilliseconds(1)));
    }

    private ValueTask<PositionStatus> WaitFor(LogPosition position) =>
        _parts.Positions.WaitForPositionAsync(LogPositions.Of(position), TimeSpan.FromSeconds(1), Stop);
}
