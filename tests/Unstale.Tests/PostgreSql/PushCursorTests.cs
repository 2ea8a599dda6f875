using Unstale.Log;
using Unstale.PostgreSql.Log;
using Xunit;

namespace Unstale.Tests.PostgreSql;

public sealed class PushCursorTests
{
    private static readonly Generation Here = Generation.Create();
    private readonly PushCursor _cursor = new();

    [Fact]
    public void Nothing_is_pushed_before_the_first_tail_and_after_a_break()
    {
        Assert.False(_cursor.TryAdvance(Here, 1));
        Tailed(TailState.OtherGeneration, 4);
        Assert.True(_cursor.TryAdvance(Here, 5));
        _cursor.Tailed(new TailReply(TailState.Broken, Here, 0, 0, []));
        Assert.Equal(Generation.None, _cursor.Position.Generation);
        Assert.False(_cursor.TryAdvance(Here, 6));
    }

    [Fact]
    public void Each_record_is_pushed_once_and_in_order()
    {
        Tailed(TailState.OtherGeneration, 4);
        Assert.False(_cursor.TryAdvance(Here, 6));
        Assert.True(_cursor.TryAdvance(Here, 5));
        Assert.False(_cursor.TryAdvance(Here, 5));
        Assert.False(_cursor.TryAdvance(Generation.Create(), 6));
    }

    [Fact]
    public void Own_records_that_directly_follow_are_not_read_again()
    {
        Tailed(TailState.OtherGeneration, 4);
        _cursor.Appended(Here, 5, 3);
        Assert.Equal((Here, 7), _cursor.Position);
        _cursor.Appended(Here, 9, 1); // another node's record at 8 has not been received
        Assert.Equal((Here, 7), _cursor.Position);
    }

    [Fact]
    public void A_page_of_a_tail_moves_to_its_last_record_and_never_back()
    {
        Tailed(TailState.OtherGeneration, 4);
        _cursor.Tailed(new TailReply(TailState.Records, Here, 20, 0, [Logged(5), Logged(6)]));
        Assert.Equal((Here, 6), _cursor.Position);
        _cursor.Appended(Here, 7, 2);
        _cursor.Tailed(new TailReply(TailState.Records, Here, 20, 0, [Logged(5)]));
        Assert.Equal((Here, 8), _cursor.Position);
    }

    [Fact]
    public void Forgetting_the_position_ends_the_pushes_until_the_next_tail()
    {
        Tailed(TailState.OtherGeneration, 4);
        _cursor.Forget();
        Assert.False(_cursor.TryAdvance(Here, 5));
        var next = Generation.Create();
        _cursor.Tailed(new TailReply(TailState.OtherGeneration, next, 1, 0, []));
        Assert.True(_cursor.TryAdvance(next, 2));
    }

    private static LoggedRecord Logged(long sequence) =>
        new(sequence, 0, new InvalidationRecord(sequence, InvalidationTarget.Everything, new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch));

    private void Tailed(TailState state, long newest) => _cursor.Tailed(new TailReply(state, Here, newest, 0, []));
}
