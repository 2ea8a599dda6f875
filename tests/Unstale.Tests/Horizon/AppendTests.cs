using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class AppendTests
{
    public static TheoryData<string> Kinds => ["key", "tag", "glob", "regex", "all of", "everything"];

    private static InvalidationTarget Target(string kind) => kind switch
    {
        "key" => InvalidationTarget.ForKey("k"),
        "tag" => InvalidationTarget.ForTag("t"),
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("k*")),
        "regex" => InvalidationTarget.ForPattern(new RegexPattern("^k")),
        "all of" => InvalidationTarget.ForAllOf(["t", "u"]),
        _ => InvalidationTarget.Everything,
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_invalidation_takes_effect_at_once_and_still_after_its_acknowledgement(string kind)
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t", "u");
        var before = test.Begin("k", "t", "u");
        var operation = test.Raise(Target(kind));
        Assert.True(kind == "key" ? test.Dropped.Contains("k") : !test.View.IsValid(held));
        var during = test.Begin("k", "t", "u");
        Assert.True(before.MayAskRemote);
        Assert.False(during.MayAskRemote);
        Assert.False(test.MayStore(during, "k", "t", "u"));
        Assert.True(test.MayStore(during, "other", "other") == (kind != "everything"));

        Assert.True(test.Acknowledge(operation, test.Log(operation.Record)));
        Assert.True(operation.IsApplied);
        Assert.Equal(new LogPosition(0, test.Generation, 1), operation.Position);
        Assert.True(kind == "key" || !test.View.IsValid(held));
        Assert.False(test.MayStore(before, "k", "t", "u"));
        Assert.False(test.MayStore(during, "k", "t", "u"));
        var after = test.Begin("k", "t", "u");
        Assert.True(after.MayAskRemote);
        Assert.True(test.MayStore(after, "k", "t", "u"));
        Assert.True(test.View.IsValid(test.Keep("k", "t", "u")));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Two_pending_invalidations_of_a_target_end_with_the_last_acknowledgement(string kind)
    {
        var test = new HorizonUnderTest();
        var first = test.Raise(Target(kind));
        var second = test.Raise(Target(kind));
        Assert.True(test.Acknowledge(first, test.Log(first.Record)));
        Assert.False(test.MayStore(test.Begin("k", "t", "u"), "k", "t", "u"));
        Assert.True(test.Acknowledge(second, test.Log(second.Record)));
        Assert.True(test.MayStore(test.Begin("k", "t", "u"), "k", "t", "u"));
    }

    [Theory]
    [InlineData("tag")]
    [InlineData("glob")]
    [InlineData("everything")]
    public void No_entry_is_valid_between_the_pending_and_the_applied_state_of_its_invalidation(string kind)
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var operation = test.Raise(InvalidationTarget.ForKey("first"), Target(kind));
        var looks = new List<bool>();
        test.OnDrop = _ => looks.Add(test.View.IsValid(held));
        Assert.True(test.Acknowledge(operation, test.Log(operation.Record)));
        Assert.Equal([false], looks);
    }

    [Fact]
    public void Own_records_acknowledged_early_take_effect_and_the_cursor_passes_over_them()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var foreign = test.LogTag("foreign");
        var first = test.Invalidate(InvalidationTarget.ForTag("t"));
        test.Invalidate(InvalidationTarget.ForTag("u"));
        Assert.False(test.View.IsValid(held));
        Assert.Equal(0, test.Horizon.Position.Sequence);
        Assert.Equal(3, test.Horizon.NextTail().OwnSequence);
        Assert.False(test.MayStore(test.Begin("k", "t"), "k", "t"));
        test.Push(foreign);
        Assert.Equal(3, test.Horizon.Position.Sequence);
        Assert.Equal(0, test.Horizon.NextTail().OwnSequence);
        Assert.Equal(2, first.Position.Sequence);
        Assert.True(test.MayStore(test.Begin("k", "t"), "k", "t"));
    }

    [Fact]
    public void A_record_pushed_before_its_acknowledgement_is_applied_once()
    {
        var test = new HorizonUnderTest();
        var operation = test.Raise(InvalidationTarget.ForTag("t"));
        var snapshot = test.Horizon.Snapshot(test.Now);
        var logged = test.Log(operation.Record);
        test.Push(logged);
        Assert.True(test.Acknowledge(operation, logged, snapshot));
        Assert.Equal(1, operation.Position.Sequence);
        Assert.Equal(0, test.Horizon.NextTail().OwnSequence);
        Assert.True(test.MayStore(test.Begin("k", "t"), "k", "t"));
    }

    [Fact]
    public void Invalidations_that_cannot_be_sent_are_queued_and_appended_when_the_log_answers()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        test.Horizon.Disconnected();
        var operation = test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(test.Horizon.MaySend(operation));
        Assert.Equal(1, test.Horizon.Queued);
        Assert.False(test.View.IsValid(held));
        test.Horizon.Connected();
        Assert.False(test.Horizon.MaySend(test.Raise(InvalidationTarget.ForTag("u"))));
        test.Effects();
        test.Tail();
        Assert.Equal(2, test.Effects().Append.Count);
        Assert.Equal(0, test.Horizon.Queued);
        Assert.True(test.Horizon.MaySend(operation));
    }

    [Fact]
    public void An_append_without_an_answer_stays_pending_and_is_sent_again()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var operation = test.Raise(InvalidationTarget.ForTag("t"));
        test.Horizon.Failed(operation);
        Assert.False(test.View.IsValid(held));
        test.Effects();
        test.Tail();
        Assert.Equal([operation], test.Effects().Append);
        Assert.True(test.Acknowledge(operation, test.Log(operation.Record)));
        Assert.True(operation.IsApplied);
    }

    [Fact]
    public void A_record_acknowledged_in_another_generation_is_appended_again_there()
    {
        var test = new HorizonUnderTest();
        var operation = test.Raise(InvalidationTarget.ForTag("t"));
        test.StartNewGeneration();
        test.Effects();
        Assert.False(test.Acknowledge(operation, test.Log(operation.Record)));
        Assert.True(test.Effects().Tail);
        Assert.False(operation.IsApplied);
        test.Adopt();
        Assert.Equal([operation], test.Effects().Append);
        Assert.False(test.MayStore(test.Begin("k", "t"), "k", "t"));
        Assert.True(test.Acknowledge(operation, test.Log(operation.Record)));
        Assert.True(test.MayStore(test.Begin("k", "t"), "k", "t"));
    }

    [Fact]
    public void An_append_reply_after_the_loss_of_the_generation_counts_as_unknown()
    {
        var test = new HorizonUnderTest();
        var operation = test.Raise(InvalidationTarget.ForTag("t"));
        var logged = test.Log(operation.Record);
        test.Horizon.Tailed(new TailReply(TailState.Broken, Generation.None, 0, 0, []), test.Horizon.Snapshot(test.Now));
        Assert.False(test.Acknowledge(operation, logged));
        Assert.Equal(1, test.Horizon.Queued);
    }

    [Fact]
    public void A_full_queue_collapses_to_one_record_of_everything()
    {
        var test = new HorizonUnderTest(new HorizonSettings { RetryCapacity = 3 });
        var held = test.Keep("unnamed");
        test.Horizon.Disconnected();
        Operation[] waiting = [.. Enumerable.Range(0, 4).Select(i => test.Raise(InvalidationTarget.ForTag($"t{i}"), InvalidationTarget.ForKey($"k{i}")))];
        foreach (var operation in waiting)
        {
            Assert.True(test.View.IsValid(held));
            Assert.False(test.Horizon.MaySend(operation));
        }

        Assert.Equal(1, test.Horizon.Queued);
        Assert.False(test.View.IsValid(held));
        Assert.Equal(0, test.Horizon.Tags.Count);
        test.Horizon.Connected();
        test.Effects();
        test.Tail();
        var everything = Assert.Single(test.Effects().Append);
        Assert.Equal(TargetKind.Everything, everything.Record.Targets[0].Kind);
        Assert.True(test.Acknowledge(everything, test.Log(everything.Record)));
        Assert.All(waiting, operation => Assert.Equal(1, operation.Position.Sequence));
        Assert.Equal(5, test.Effects().Applied.Count);
        Assert.False(test.View.IsValid(held));
        Assert.True(test.MayStore(test.Begin("k1", "t1"), "k1", "t1"));
    }
}
