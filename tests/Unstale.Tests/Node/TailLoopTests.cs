using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Node;

/// <summary>Tails of one node: one at a time, repeated after failures.</summary>
public sealed class TailLoopTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new();

    private HeldSession Session => _parts.Session;

    public ValueTask DisposeAsync() => _parts.DisposeAsync();

    [Fact]
    public void Requests_before_the_start_are_sent_as_one_with_the_start()
    {
        _parts.Tails.Request();
        _parts.Tails.Connected();
        Assert.Equal(0, Session.Tails);
        _parts.Tails.Start(Session);
        Assert.Equal(1, Session.Tails);
    }

    [Fact]
    public void Requests_during_a_tail_are_sent_as_one_after_its_reply()
    {
        _parts.Tails.Start(Session);
        _parts.Tails.Request();
        _parts.Tails.Request();
        Assert.Equal(1, Session.Tails);
        Session.ReplyToTail(new TailReply(TailState.OtherGeneration, _parts.Generation, 5, 0, []));
        Assert.Equal((2, 5), (Session.Tails, _parts.Horizon.Position.Sequence));
        Session.ReplyToTail(new TailReply(TailState.Records, _parts.Generation, 5, 0, []));
        Assert.Equal(2, Session.Tails);
    }

    [Fact]
    public void A_tail_confirms_if_one_of_its_requests_does()
    {
        _parts.Follow();
        _parts.Tails.Request(confirms: false);
        Assert.False(Session.LastTail.Confirms);
        _parts.Tails.Request(confirms: false);
        _parts.Tails.Request();
        Session.ReplyToTail(new TailReply(TailState.Records, _parts.Generation, 0, 0, []));
        Assert.True(Session.LastTail.Confirms);
    }

    [Fact]
    public void A_reply_over_a_former_connection_changes_nothing_and_counts_as_failed()
    {
        _parts.Tails.Start(Session);
        _parts.Connection.Change(isOpen: true);
        Session.ReplyToTail(new TailReply(TailState.OtherGeneration, _parts.Generation, 5, 0, []));
        Assert.Equal((Generation.None, 1), (_parts.Horizon.Position.Generation, _parts.Tails.Failed));
    }

    [Fact]
    public void A_failed_tail_wakes_the_waiters_and_is_repeated_after_a_pause()
    {
        _parts.Tails.Start(Session);
        var change = _parts.Changed.Next;
        Session.FailTail(new IOException("refused"));
        Assert.Equal((true, 1), (change.IsCompleted, _parts.Tails.Failed));
        Assert.Equal(1, Session.Tails);
        _parts.Clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(2, Session.Tails);
    }

    [Fact]
    public void A_tail_that_fails_without_a_connection_is_not_repeated()
    {
        _parts.Tails.Start(Session);
        _parts.Connection.Change(isOpen: false);
        Session.FailTail(new IOException("lost"));
        _parts.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Session.Tails);
    }

    [Fact]
    public void A_created_generation_is_followed_at_once()
    {
        _parts.Follow();
        _parts.Tails.Create(_parts.Generation);
        Assert.Equal([_parts.Generation], Session.Created);
        Assert.Equal(2, Session.Tails);
    }

    [Fact]
    public void An_ended_node_sends_nothing()
    {
        _parts.Connection.End();
        _parts.Tails.Start(Session);
        _parts.Tails.Create(_parts.Generation);
        Assert.Equal((0, 0), (Session.Tails, Session.Created.Count));
    }
}
