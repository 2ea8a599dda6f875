using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>
/// An own record is marked at its acknowledgement, before foreign records with lower sequences. The later foreign marks must not lower
/// the existing mark: the stamp of a second-level value may be between the two.
/// </summary>
public sealed class LateInvalidationTests
{
    private const long Stamp = 10;
    private const long Own = 12;

    private readonly HorizonUnderTest _test = new();

    [Fact]
    public void A_late_hard_record_does_not_spare_an_entry_that_a_later_hard_record_invalidated()
    {
        var held = Hold("k", "t");
        Acknowledge(Own, InvalidationTarget.ForTag("t"));
        Acknowledge(Own + 1, RecordFlags.ServeStaleOnce, InvalidationTarget.ForTag("t"));
        Assert.False(_test.Horizon.IsSpared(held));
        _test.PushTag("t");
        Assert.False(_test.Horizon.IsSpared(held));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_late_record_of_a_tag_does_not_make_an_invalidated_entry_valid_again()
    {
        var held = Hold("k", "t");
        Acknowledge(Own, InvalidationTarget.ForTag("t"));
        _test.PushTag("t");
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_late_record_of_a_key_does_not_revive_values_derived_from_the_key()
    {
        var held = Hold("k", DependencyTag.ForKey("part"));
        Acknowledge(Own, InvalidationTarget.ForKey("part"));
        Push(InvalidationTarget.ForKey("part"));
        Assert.False(_test.View.IsValid(held));
    }

    [Fact]
    public void A_late_record_of_a_key_or_an_unheld_tag_still_refuses_older_values()
    {
        Acknowledge(Own, InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"));
        Push(InvalidationTarget.ForKey("k"), InvalidationTarget.ForTag("t"));
        Assert.False(_test.Horizon.MayStore("k", TagSet.Empty, Stamp, _test.View.Epoch));
        Assert.False(_test.Horizon.MayStore("another", _test.Horizon.Tags.Hold(["t"]), Stamp, _test.View.Epoch));
    }

    [Fact]
    public void A_late_record_of_everything_makes_no_entry_valid_and_still_refuses_older_remote_values()
    {
        var load = _test.Begin("k");
        var held = Hold("k");
        Acknowledge(Own, InvalidationTarget.Everything);
        Push(InvalidationTarget.Everything);
        Assert.False(_test.View.IsValid(held));
        Assert.Equal(RemoteValidity.Invalid, _test.Judge(load, "k", Stamp, sequence: Own - 1));
    }

    [Fact]
    public void A_late_dropped_pattern_does_not_lower_the_sequence_below_which_patterns_are_unknown()
    {
        var test = new HorizonUnderTest(new HorizonSettings { MaximumSelectors = 1 });
        var held = new Held("k", TagSet.Empty, Stamp, test.View.Epoch, test.View.SelectorCount);
        Acknowledge(test, Own, RecordFlags.None, Glob("k*"));
        test.Push(test.Log(Glob("one*")));
        test.Push(test.Log(Glob("two*")));
        Assert.Equal(Own, test.View.DroppedSelectorSequence);
        Assert.False(test.View.IsValid(held));
    }

    [Fact]
    public void A_pending_pattern_dropped_late_does_not_hide_a_pattern_dropped_earlier()
    {
        var test = new HorizonUnderTest(new HorizonSettings { MaximumSelectors = 2 });
        var first = test.Raise(Glob("first*"));
        var held = test.Keep("k");
        Assert.True(test.View.IsValid(held));
        test.Invalidate(Glob("k*"));
        test.Push(test.Log(Glob("third*")));
        Assert.True(test.Acknowledge(first, test.Log(first.Record)));
        test.Push(test.Log(Glob("fourth*")));
        Assert.Equal(2, test.View.DroppedSelectorNumber);
        Assert.False(test.View.IsValid(held));
    }

    private static InvalidationTarget Glob(string pattern) => InvalidationTarget.ForPattern(new GlobPattern(pattern));

    /// <summary>Creates an entry from the second level, ahead of the records applied by this node.</summary>
    private Held Hold(string key, params string[] tags) => new(key, _test.Horizon.Tags.Hold(tags), Stamp, _test.View.Epoch, _test.View.SelectorCount);

    private void Push(params InvalidationTarget[] targets) => _test.Push(_test.Log(targets));

    private void Acknowledge(long sequence, params InvalidationTarget[] targets) => Acknowledge(sequence, RecordFlags.None, targets);

    private void Acknowledge(long sequence, RecordFlags flags, params InvalidationTarget[] targets) => Acknowledge(_test, sequence, flags, targets);

    private static void Acknowledge(HorizonUnderTest test, long sequence, RecordFlags flags, params InvalidationTarget[] targets)
    {
        var record = test.Record(targets);
        var operation = new Operation(new InvalidationRecord(record.Id, targets, record.Origin, record.Time) { Flags = flags }, test.Now);
        test.Horizon.Raise(operation);
        Assert.True(test.Acknowledge(operation, new LoggedRecord(sequence, sequence + 1_000, operation.Record)));
    }
}
