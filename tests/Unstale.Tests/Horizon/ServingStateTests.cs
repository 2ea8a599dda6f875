using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>The state of an entry in every combination of marks, trust and time, and the unrolled decision of a hit beside it.</summary>
public sealed class ServingStateTests
{
    private const long Now = 1_000;
    private const long Stamp = 10;
    private static readonly long[] Times = [Now - 1, Now, Now + 1, long.MaxValue];

    private enum Tag
    {
        None,
        Older,
        AtTheStamp,
        Newer,
        Pending,
        NewerSoft,
        PendingSoft,
    }

    private enum Selector
    {
        None,
        Older,
        Newer,
        NewerOfOthers,
        NewerAlreadyCompared,
        Pending,
        DroppedNewer,
        DroppedNewerAlreadyCompared,
    }

    [Fact]
    public void An_entry_is_a_hit_in_the_live_state_and_in_no_other_state()
    {
        var states = new Dictionary<EntryState, int>();
        foreach (var (view, entry, isInvalidated) in Marks())
        {
            foreach (var trustedUntil in (long[])[long.MinValue, Now - 1, Now, long.MaxValue])
            {
                view.TrustedUntil = trustedUntil;
                foreach (var freshUntil in Times)
                {
                    foreach (var expiresAt in Times.Where(time => time >= freshUntil))
                    {
                        var expected = isInvalidated ? EntryState.Invalidated
                            : Now >= expiresAt ? EntryState.Expired
                            : trustedUntil < Now ? EntryState.NotTrusted
                            : Now >= freshUntil ? EntryState.Stale : EntryState.Live;
                        Assert.Equal(expected, view.StateOf(entry(), freshUntil, expiresAt, Now));
                        Assert.Equal(expected, view.StateOf(entry(), freshUntil, expiresAt, Clock(), out var now));
                        Assert.Equal(isInvalidated ? 0 : Now, now);
                        Assert.Equal(expected == EntryState.Live, view.IsLive(entry(), freshUntil, Clock()));
                        states[expected] = states.GetValueOrDefault(expected) + 1;
                    }
                }
            }
        }

        Assert.Equal(5, states.Count);
        Assert.All(states, state => Assert.InRange(state.Value, 100, int.MaxValue));
    }

    [Fact]
    public void A_read_during_which_the_node_catches_up_is_not_served_from_before_it()
    {
        var test = new HorizonUnderTest();
        Action? catchUp = null;

        // The reading of the clock lies between the marks and the end of the decision.
        var clock = new MonotonicClock(new Reading(() =>
        {
            catchUp?.Invoke();
            return test.Now;
        }));
        var (entry, record) = Invalidated();
        catchUp = () => test.Tail(record);
        Assert.Equal(EntryState.NotTrusted, test.View.StateOf(entry, long.MaxValue, long.MaxValue, clock, out _));
        Assert.True(test.IsTrusted);
        Assert.Equal(EntryState.Invalidated, test.View.StateOf(entry, long.MaxValue, long.MaxValue, clock, out _));

        (entry, record) = Invalidated();
        Assert.False(test.View.IsLive(entry, long.MaxValue, clock));
        Assert.True(test.IsTrusted);

        (Held, LoggedRecord) Invalidated()
        {
            var held = test.Keep("k", "t");
            test.Now += 60_000;
            return (held, test.LogTag("t"));
        }
    }

    private static IEnumerable<(HorizonView View, Func<Held> Entry, bool IsInvalidated)> Marks()
    {
        foreach (var floor in (long[])[0, Stamp, Stamp + 1, long.MaxValue])
        {
            foreach (var tag in Enum.GetValues<Tag>())
            {
                foreach (var selector in Enum.GetValues<Selector>())
                {
                    foreach (var epoch in (int[])[0, 1])
                    {
                        var (view, seen) = ViewOf(selector);
                        view.Floor = floor;
                        view.Epoch = epoch;
                        var tags = TagsOf(tag);
                        var isInvalidated = floor > Stamp || epoch == 1 || tag is Tag.Newer or Tag.Pending or Tag.NewerSoft or Tag.PendingSoft
                            || selector is Selector.Newer or Selector.Pending or Selector.DroppedNewer;
                        yield return (view, () => new Held("key", tags, Stamp, epoch: 0, seen), isInvalidated);
                    }
                }
            }
        }
    }

    private static TagSet TagsOf(Tag tag)
    {
        if (tag == Tag.None)
            return TagSet.Empty;
        var cell = new TagCell("tag", tag switch { Tag.AtTheStamp => Stamp, Tag.Newer => Stamp + 1, _ => Stamp - 1 });
        if (tag == Tag.NewerSoft)
            cell.Raise(Stamp + 1, isSoft: true);
        if (tag is Tag.Pending or Tag.PendingSoft)
            cell.AddPending(1, tag == Tag.PendingSoft);
        return new TagList([new TagCell("other", 0), cell], ["other", "tag"]);
    }

    private static (HorizonView View, int Seen) ViewOf(Selector selector)
    {
        var view = new HorizonView();
        var list = new SelectorList(new HorizonSettings { MaximumSelectors = 1 }, view, () => { });
        var seen = view.SelectorCount;
        switch (selector)
        {
            case Selector.Older:
                list.Apply(Glob("k*"), Stamp);
                break;
            case Selector.Newer:
                list.Apply(Glob("k*"), Stamp + 1);
                break;
            case Selector.NewerOfOthers:
                list.Apply(Glob("other*"), Stamp + 1);
                break;
            case Selector.NewerAlreadyCompared:
                list.Apply(Glob("k*"), Stamp + 1);
                seen = view.SelectorCount;
                break;
            case Selector.Pending:
                list.AddPending(Glob("k*"));
                break;
            case Selector.DroppedNewer or Selector.DroppedNewerAlreadyCompared:
                list.Apply(Glob("a*"), Stamp + 1);
                list.Apply(Glob("b*"), Stamp + 2);
                seen = selector == Selector.DroppedNewer ? 0 : 1;
                break;
        }

        return (view, seen);
    }

    private static InvalidationTarget Glob(string text) => InvalidationTarget.ForPattern(new GlobPattern(text));

    private static MonotonicClock Clock() => new(new Reading(static () => Now));

    /// <summary>Clock whose reading runs a piece of the test. Returns milliseconds.</summary>
    private sealed class Reading(Func<long> read) : TimeProvider
    {
        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => read();
    }
}
