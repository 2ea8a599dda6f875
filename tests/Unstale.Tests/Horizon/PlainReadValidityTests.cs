using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>Values from plain reads of the second level, judged by this node alone.</summary>
public sealed class PlainReadValidityTests
{
    private readonly HorizonUnderTest _test = new(new HorizonSettings { MaximumSelectors = 1 });

    private long Position => _test.Horizon.Position.Sequence;

    [Fact]
    public void A_remote_value_is_stored_as_of_the_cursor_and_never_as_of_a_later_record()
    {
        _test.PushTag("other");
        Assert.Equal(1, Take(stamp: 0));
        var missed = _test.LogTag("t");
        _test.Invalidate(InvalidationTarget.ForTag("of this node, ahead of the cursor"));
        Assert.Equal(1, Take(stamp: 0));
        _test.Push(missed);
        Assert.Null(Take(stamp: 1));
    }

    [Fact]
    public void A_remote_value_newer_than_the_highest_seen_sequence_is_refused()
    {
        _test.PushTag("other");
        Assert.Null(Take(stamp: 2));
        _test.LogTag("missed");
        _test.Invalidate(InvalidationTarget.ForTag("of this node, ahead of the cursor"));
        Assert.Equal(3, Take(stamp: 3));
        Assert.Null(Take(stamp: 4));
        Assert.Null(Take(stamp: 0, confirmed: 4));
    }

    [Fact]
    public void A_remote_value_that_only_the_server_can_validate_is_refused()
    {
        Assert.Null(Take(stamp: 0, confirmed: -1));
        _test.PushTag("other");
        Assert.Null(Take(stamp: 1, confirmed: 0));
    }

    [Fact]
    public void A_remote_value_that_arrives_after_the_loss_of_trust_is_refused()
    {
        var load = _test.Begin("k", "t");
        Assert.Equal(0, _test.Take(load, "k", 0, 0, ["t"], "t"));
        _test.Now += 5_000;
        Assert.Null(_test.Take(load, "k", 0, 0, ["t"], "t"));
    }

    [Fact]
    public void A_remote_value_older_than_the_adopted_cursor_is_refused()
    {
        _test.StartNewGeneration();
        _test.LogTag("t");
        _test.LogTag("t");
        _test.Adopt();
        Assert.Null(Take(stamp: 1));
        Assert.Equal(2, Take(stamp: 2));
        Assert.Equal(2, Take(stamp: 1, confirmed: 2));
    }

    [Fact]
    public void A_value_requested_in_another_epoch_is_refused()
    {
        var load = _test.Begin("k", "t");
        _test.StartNewGeneration();
        _test.Adopt();
        Assert.Null(_test.Take(load, "k", 0, 0, ["t"], "t"));
        Assert.NotNull(Take(stamp: 0));
    }

    [Fact]
    public void A_remote_value_older_than_a_missed_part_of_the_log_is_refused()
    {
        var missed = Enumerable.Range(0, 3).Select(_ => _test.LogTag("missed")).ToList();
        _test.Horizon.Tailed(new TailReply(TailState.Records, _test.Generation, 3, missed[^1].Record.Id, []), _test.Horizon.Snapshot(_test.Now));
        Assert.Null(Take(stamp: 2));
        Assert.NotNull(Take(stamp: 3));
    }

    [Fact]
    public void A_confirmation_of_the_server_counts_only_for_tags_of_the_value()
    {
        _test.PushTag("named");
        _test.PushTag("t");
        Assert.Null(Take(stamp: 0));
        Assert.Equal(2, Take(stamp: 0, confirmed: 2));
        Assert.Null(_test.Take(_test.Begin("k", "t"), "k", 0, 2, ["t"], "t", "named"));
        Assert.Equal(2, _test.Take(_test.Begin("k", "t"), "k", 0, 2, ["named", "t"], "t", "named"));
    }

    [Fact]
    public void A_remote_value_in_the_stripe_of_another_invalidated_key_is_accepted_if_confirmed_by_the_server()
    {
        _test.Push(_test.Log(InvalidationTarget.ForKey(Model.Simulation.World.StrangerOfKey("k", 20))));
        Assert.Null(Take(stamp: 0));
        Assert.Equal(1, Take(stamp: 0, confirmed: 1));
    }

    public static TheoryData<string> States =>
    [
        "nothing", "other key", "key", "pending key", "tag", "pending tag", "soft tag", "key that the value was made from", "pending key that the value was made from",
        "declared key", "direct record of the declared key", "pattern", "pending pattern", "other pattern", "dropped pattern", "pattern of the key that the value was made from",
        "all of", "everything", "pending everything", "any record",
    ];

    /// <summary>
    /// Judges values of one stamp in memory, at joining a load, at the end of a load and in the second level: all judgements agree.
    /// </summary>
    [Theory]
    [MemberData(nameof(States))]
    public void All_validity_checks_agree_in_every_state(string state)
    {
        string[] names = state == "any record" ? ["t", DependencyTag.AnyRecord] : ["t", "u", DependencyTag.ForKey("base"), DependencyTag.ForDeclaredKey("declared")];
        var member = new Keeper();
        _test.Horizon.Add(member);
        _test.PushTag("before");
        var entry = member.Entry = _test.Keep("k", names);
        var load = _test.Begin("k", names);
        var stamp = Position;
        Bring(state);
        var isTrue = state is "nothing" or "other key" or "other pattern" or "direct record of the declared key";
        Assert.Equal(isTrue, member.Entry is not null && _test.View.IsValid(entry));
        Assert.Equal(isTrue, _test.Horizon.MayJoin(load, "k", entry.Tags, _test.Now));
        Assert.Equal(isTrue, _test.MayStore(load, "k", names));
        Assert.Equal(isTrue, _test.Take(load, "k", stamp, stamp, names, names) is not null);
        Assert.Equal(isTrue, _test.Take(_test.Begin("k", names), "k", stamp, stamp, names, names) is not null);
    }

    private void Bring(string state)
    {
        var pattern = InvalidationTarget.ForPattern(new GlobPattern("k*"));
        var stranger = InvalidationTarget.ForPattern(new GlobPattern("x*"));
        switch (state)
        {
            case "nothing":
                break;
            case "other key":
                Push(InvalidationTarget.ForKey("other"));
                break;
            case "key":
                Push(InvalidationTarget.ForKey("k"));
                break;
            case "pending key":
                _test.Raise(InvalidationTarget.ForKey("k"));
                break;
            case "tag":
                Push(InvalidationTarget.ForTag("u"));
                break;
            case "pending tag":
                _test.Raise(InvalidationTarget.ForTag("u"));
                break;
            case "soft tag":
                Push(RecordFlags.ServeStaleOnce, InvalidationTarget.ForTag("u"));
                break;
            case "key that the value was made from":
                Push(InvalidationTarget.ForKey("base"));
                break;
            case "pending key that the value was made from":
                _test.Raise(InvalidationTarget.ForKey("base"));
                break;
            case "declared key":
                Push(InvalidationTarget.ForKey("declared"));
                break;
            case "direct record of the declared key":
                Push(RecordFlags.DirectDependents, InvalidationTarget.ForKey("declared"));
                break;
            case "pattern":
                Push(pattern);
                break;
            case "pending pattern":
                _test.Raise(pattern);
                break;
            case "other pattern":
                Push(stranger);
                break;
            case "dropped pattern":
                Push(pattern);
                Push(stranger); // only one is stored
                break;
            case "pattern of the key that the value was made from":
                Push(InvalidationTarget.ForPattern(new GlobPattern("bas?")));
                break;
            case "all of":
                Push(InvalidationTarget.ForAllOf(["t", "u"]));
                break;
            case "everything":
                Push(InvalidationTarget.Everything);
                break;
            case "pending everything":
                _test.Raise(InvalidationTarget.Everything);
                break;
            default:
                Push(InvalidationTarget.ForTag("whatever"));
                break;
        }
    }

    private void Push(params InvalidationTarget[] targets) => _test.Push(_test.Log(targets));

    private void Push(RecordFlags flags, params InvalidationTarget[] targets)
    {
        var record = _test.Record(targets);
        _test.Push(_test.Log(new InvalidationRecord(record.Id, targets, record.Origin, record.Time) { Flags = flags }));
    }

    private long? Take(long stamp, long? confirmed = null) => _test.Take(_test.Begin("k", "t"), "k", stamp, confirmed ?? stamp, ["t"], "t");

    /// <summary>A memory of one entry.</summary>
    private sealed class Keeper : ILocalStore
    {
        public Held? Entry { get; set; }

        public int Drop(string key, long below)
        {
            if (Entry?.Key != key || Entry.Stamp >= below)
                return 0;
            Entry = null;
            return 1;
        }

        public void Sweep(SweepQueue batch, long now)
        {
        }
    }
}
