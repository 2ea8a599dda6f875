using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Replies to an append from another history than the node's present one.</summary>
public sealed class LateAppendTests
{
    private readonly HorizonUnderTest _test = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_append_reply_of_an_equally_new_or_newer_history_makes_the_node_leave_its_history(int newer)
    {
        var own = _test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(Acknowledge(own, Generation.Create(_test.Generation.Number - 1 + (ulong)newer)));
        Assert.Equal(Generation.None, _test.Horizon.Position.Generation);
        AssertQueuedAndTailed();
    }

    [Fact]
    public void An_answer_of_an_older_history_leaves_the_present_one_in_force()
    {
        var older = Generation.Create();
        _test.StartNewGeneration();
        _test.Adopt();
        var own = _test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(Acknowledge(own, older));
        Assert.Equal(_test.Generation, _test.Horizon.Position.Generation);
        AssertQueuedAndTailed();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_reply_of_a_left_history_with_any_number_does_not_end_the_present_history(ulong after)
    {
        _test.StartNewGeneration(after);
        _test.Adopt();
        var left = _test.Generation;
        _test.Horizon.Tailed(new TailReply(TailState.Broken, left, 0, 0, []), _test.Horizon.Snapshot(_test.Now));
        _test.StartNewGeneration(after: 0);
        _test.Adopt();
        Assert.True(left.Number >= _test.Generation.Number);
        var own = _test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(Acknowledge(own, left));
        Assert.Equal(_test.Generation, _test.Horizon.Position.Generation);
        AssertQueuedAndTailed();
    }

    private bool Acknowledge(Operation operation, Generation generation) =>
        _test.Horizon.Acknowledged(operation, new AppendReply(generation, 1, 0), _test.Horizon.Snapshot(_test.Now), _test.Now);

    private void AssertQueuedAndTailed()
    {
        Assert.Equal(1, _test.Horizon.Queued);
        Assert.True(_test.Effects().Tail);
    }
}
