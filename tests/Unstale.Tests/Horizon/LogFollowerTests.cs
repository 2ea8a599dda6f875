using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class LogFollowerTests
{
    private readonly HorizonParts _parts = new(new HorizonSettings { StalenessBound = HorizonParts.Bound, RecentRecords = 8 });

    private LogFollower Log => _parts.Log;

    [Fact]
    public void A_new_follower_has_no_generation_and_no_cursor_and_ignores_pushes()
    {
        _parts.Push(1, 0, id: 11);
        Assert.Equal((Generation.None, 0, 0, 0), (Log.Generation, Log.Cursor, Log.Seen, Log.Forgotten));
        Assert.False(_parts.Work.IsAny);
        var request = Log.NextTail(confirms: false);
        Assert.Equal((Generation.None, 0, 0, 0, 0, false), (request.Generation, request.Cursor, request.IdAtCursor, request.OwnSequence, request.OwnId, request.Confirms));
        Assert.Equal(TimeSpan.FromMilliseconds(HorizonParts.Bound), request.ServesFor);
        Assert.Equal(1, Log.TailsBegun);
    }

    [Fact]
    public void The_first_generation_is_adopted_at_its_end_without_a_reset()
    {
        var followed = Log.Tailed(new TailReply(TailState.OtherGeneration, _parts.Generation, 40, 7, []), _parts.Ask());
        Assert.Equal(FollowedTail.Adopted, followed);
        Assert.Equal((_parts.Generation, 40, 40, 0), (Log.Generation, Log.Cursor, Log.Seen, Log.Forgotten));
        Assert.Equal(40, _parts.View.Floor);
        var request = Log.NextTail(confirms: true);
        Assert.Equal((40, 7, true), (request.Cursor, request.IdAtCursor, request.Confirms));
    }

    [Fact]
    public void A_push_is_applied_if_it_is_next_by_sequence_and_by_the_id_before_it()
    {
        _parts.Adopt(40, lastId: 7);
        _parts.Push(41, 7, id: 11);
        Assert.Equal((41, 41), (Log.Cursor, Log.Seen));
        _parts.Push(41, 7, id: 11); // again
        Assert.Equal(41, Log.Cursor);
        Assert.False(_parts.Work.IsAny);
        Assert.Equal([41], Log.Recent.History(Log.Position, 0, []).Records.Select(noted => noted.Sequence));
    }

    [Fact]
    public void A_push_after_a_gap_or_of_another_generation_requests_a_tail()
    {
        _parts.Adopt();
        _parts.Push(2, 11, id: 12);
        Assert.Equal(0, Log.Cursor);
        Assert.True(_parts.Effects().Tail);
        Log.Pushed(Generation.Create(after: 99), new LoggedRecord(1, 0, _parts.Record(InvalidationTarget.Everything)));
        Assert.Equal(_parts.Generation, Log.Generation);
        Assert.True(_parts.Effects().Tail);
    }

    [Theory]
    [InlineData(1, 0, 12)] // the cursor's sequence under another id
    [InlineData(2, 99, 13)] // the next sequence after another id
    public void A_push_of_another_history_leaves_the_generation_and_requests_its_replacement(long sequence, long previousId, long id)
    {
        _parts.Adopt();
        _parts.Push(1, 0, id: 11);
        _parts.Push(sequence, previousId, id);
        Assert.Equal(Generation.None, Log.Generation);
        var effects = _parts.Effects();
        Assert.Equal(_parts.Generation, effects.CreateInstead);
        Assert.True(effects.Forgotten);
        Assert.True(effects.IsBroken);
        Assert.Equal(1, Log.Forgotten);
    }

    [Fact]
    public void A_generation_that_was_left_is_never_entered_again()
    {
        _parts.Adopt();
        _parts.Adopt(generation: Generation.Create(_parts.Generation.Number));
        var followed = Log.Tailed(new TailReply(TailState.OtherGeneration, _parts.Generation, 0, 0, []), _parts.Ask());
        Assert.Equal(FollowedTail.Incomplete, followed);
        Assert.Equal(Generation.None, Log.Generation);
        Assert.Equal(_parts.Generation, _parts.Effects().CreateInstead);
    }

    [Fact]
    public void A_tail_is_complete_only_with_its_last_page()
    {
        _parts.Adopt();
        var (first, second) = (_parts.Record(InvalidationTarget.ForTag("a")), _parts.Record(InvalidationTarget.ForTag("b")));
        Log.NextTail(confirms: true);
        Assert.Equal(FollowedTail.Incomplete, _parts.Tail(2, second.Id, new LoggedRecord(1, 0, first)));
        Assert.True(_parts.Effects().Tail);
        Assert.Equal((1, 0), (Log.Cursor, Log.CaughtUpWith));
        Assert.Equal(FollowedTail.Complete, _parts.Tail(2, second.Id, new LoggedRecord(2, first.Id, second)));
        Assert.Equal((2, 1), (Log.Cursor, Log.CaughtUpWith));
    }

    [Fact]
    public void A_tail_of_an_epoch_that_has_ended_is_ignored_but_shows_that_the_connection_works()
    {
        _parts.Adopt();
        Log.ChangeLink();
        Assert.False(Log.IsReady);
        var snapshot = _parts.Ask();
        _parts.View.EndEpoch();
        Assert.Equal(FollowedTail.Incomplete, Log.Tailed(new TailReply(TailState.Records, _parts.Generation, 5, 1, []), snapshot));
        Assert.Equal(0, Log.Cursor);
        Assert.True(Log.IsReady);
    }

    [Fact]
    public void Records_no_longer_in_the_log_are_skipped_and_every_entry_is_invalidated()
    {
        _parts.Adopt();
        Assert.Equal(FollowedTail.Complete, _parts.Tail(9, lastId: 5));
        Assert.Equal((9, 9, 1, 1 + 1), (Log.Cursor, Log.Seen, Log.Forgotten, _parts.View.Epoch));
        Assert.Equal(9, _parts.View.Floor);
        var effects = _parts.Effects();
        Assert.True(effects.Forgotten);
        Assert.False(effects.IsBroken);
        Assert.Equal(_parts.Generation, Log.Generation);
    }

    [Fact]
    public void An_own_record_ahead_of_the_cursor_is_applied_at_once_and_passed_in_log_order()
    {
        _parts.Adopt();
        var own = _parts.Operation(InvalidationTarget.ForKey("k"));
        Log.Accept(own, _parts.Reply(2, previousId: 11));
        Assert.Equal((0, 2), (Log.Cursor, Log.Seen));
        Assert.False(_parts.Index.IsClear("k", TagSet.Empty, 1));
        var request = Log.NextTail(confirms: true);
        Assert.Equal((2, own.Record.Id), (request.OwnSequence, request.OwnId));
        _parts.Push(1, 0, id: 11);
        Assert.Equal(2, Log.Cursor);
        Assert.Equal(0, Log.NextTail(confirms: true).OwnSequence);
    }

    [Fact]
    public void A_reply_is_accepted_if_it_fits_the_records_seen_before_its_request()
    {
        Assert.False(Log.Accepts(_parts.Reply(1), id: 11, _parts.Ask()));
        Assert.False(_parts.Work.IsAny);
        _parts.Adopt(40, lastId: 7);
        Assert.True(Log.Accepts(_parts.Reply(41, 7), id: 11, _parts.Ask()));
        Assert.Equal(40, Log.Seen);
        Assert.False(Log.Accepts(_parts.Reply(40, 6), id: 11, _parts.Ask()));
        Assert.Equal(_parts.Generation, _parts.Effects().CreateInstead);
    }

    [Fact]
    public void A_reply_under_the_sequence_of_another_record_is_of_another_history()
    {
        _parts.Adopt();
        var snapshot = _parts.Ask();
        _parts.Push(1, 0, id: 11);
        Assert.True(Log.Accepts(_parts.Reply(1), id: 11, snapshot));
        Assert.False(Log.Accepts(_parts.Reply(1), id: 12, snapshot));
        Assert.Equal(Generation.None, Log.Generation);
    }

    [Fact]
    public void A_reply_of_an_older_generation_requests_a_tail_and_one_of_a_newer_generation_leaves_the_current_one()
    {
        var current = Generation.Create(after: 10);
        _parts.Adopt(generation: current);
        Assert.False(Log.Accepts(new AppendReply(Generation.Create(after: 5), 1, 0), id: 11, _parts.Ask()));
        Assert.Equal(current, Log.Generation);
        Assert.True(_parts.Effects().Tail);
        Assert.False(Log.Accepts(new AppendReply(Generation.Create(after: 20), 1, 0), id: 11, _parts.Ask()));
        Assert.Equal(Generation.None, Log.Generation);
        Assert.True(_parts.Effects().Tail);
    }

    [Fact]
    public void Leaving_a_generation_withdraws_trust_and_entering_one_leaves_the_confirmation_to_the_caller()
    {
        _parts.Adopt();
        _parts.Trust.Confirm(1_000);
        Assert.True(_parts.View.IsTrusted(1_000));
        _parts.Adopt(generation: Generation.Create(_parts.Generation.Number));
        Assert.False(_parts.View.IsTrusted(1_000));
        _parts.Trust.Confirm(2_000);
        Assert.True(_parts.View.IsTrusted(2_000));
        Assert.Equal(2_000 + HorizonParts.Bound, _parts.View.ColdUntil);
    }

    [Fact]
    public void Each_connect_and_each_disconnect_increments_the_link()
    {
        Log.ChangeLink();
        Log.ChangeLink();
        Assert.Equal(2, Log.Link);
    }
}
