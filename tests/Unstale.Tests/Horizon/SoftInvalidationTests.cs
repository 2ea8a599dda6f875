using FsCheck.Fluent;
using Unstale.Horizon;
using Unstale.Log;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Horizon;

/// <summary>
/// Soft marks (an entry may be served once more) never hide hard marks, in any order of raising, acknowledging and receiving. The expected
/// result is computed from a list of all marks, without cells.
/// </summary>
public sealed class SoftInvalidationTests
{
    private static readonly string[] Tags = ["a", "b", "c"];

    private enum Act
    {
        Keep,
        RaiseSoft,
        RaiseHard,
        AcknowledgeFirst,
        AcknowledgeLast,
        PushSoft,
        PushHard,
        PushGlob,
        PushEverything,
        NewGeneration,
    }

    [Fact]
    public void No_order_of_invalidations_hides_a_hard_one()
    {
        var (spared, taken) = (0, 0);
        Property.HoldsFor(
            Gen.Zip(Gen.Elements(Enum.GetValues<Act>()), Gen.Choose(0, 2)),
            steps =>
            {
                var run = new Run();
                foreach (var (act, index) in steps)
                    run.Do(act, Tags[index]);
                spared += run.Spared;
                taken += run.Taken;
            },
            runs: 600);
        Assert.True(spared > 1_000 && taken > 1_000, $"inconclusive: {spared} spared, {taken} taken");
    }

    [Fact]
    public void A_hard_record_below_the_last_soft_record_is_not_lost()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var hard = test.LogTag("t");
        var soft = test.Log(Soft(test, "t"));
        var operation = new Operation(soft.Record, test.Now);
        test.Horizon.Raise(operation);
        Assert.True(test.Horizon.IsSpared(held));
        Assert.True(test.Acknowledge(operation, soft));
        Assert.True(test.Horizon.IsSpared(held));
        Assert.False(test.View.IsValid(held));
        test.Push(hard);
        Assert.False(test.Horizon.IsSpared(held));
    }

    [Fact]
    public void A_pending_hard_invalidation_outweighs_a_pending_soft_one()
    {
        var test = new HorizonUnderTest();
        var held = test.Keep("k", "t");
        var soft = new Operation(Soft(test, "t"), test.Now);
        test.Horizon.Raise(soft);
        Assert.True(test.Horizon.IsSpared(held));
        var hard = test.Raise(InvalidationTarget.ForTag("t"));
        Assert.False(test.Horizon.IsSpared(held));
        Assert.True(test.Acknowledge(soft, test.Log(soft.Record)));
        Assert.False(test.Horizon.IsSpared(held));
        Assert.True(test.Acknowledge(hard, test.Log(hard.Record)));
        Assert.False(test.Horizon.IsSpared(held));
    }

    [Fact]
    public void A_soft_invalidation_of_a_tag_without_a_cell_counts_as_hard()
    {
        var test = new HorizonUnderTest();
        test.Push(test.Log(Soft(test, "t")));
        var set = test.Horizon.Tags.Hold(["t"]);
        Assert.False(test.Horizon.IsSpared(new Held("k", set, 0, test.View.Epoch, test.View.SelectorCount)));
    }

    private static InvalidationRecord Soft(HorizonUnderTest test, string tag) => Flagged(test.Record(InvalidationTarget.ForTag(tag)));

    private static InvalidationRecord Flagged(InvalidationRecord record) =>
        new(record.Id, record.Targets, record.Origin, record.Time) { Flags = RecordFlags.ServeStaleOnce };

    /// <summary>A horizon and a list of its marks.</summary>
    private sealed class Run
    {
        private readonly HorizonUnderTest _test = new();
        private readonly List<(Held Entry, long At)> _held = [];
        private readonly List<(Operation Operation, LoggedRecord Logged, RequestSnapshot Asked)> _waiting = [];
        private readonly List<(long Step, Operation? Pending, long Sequence, InvalidationTarget Target, bool IsSoft)> _logged = [];
        private long _step;
        private long _since;

        public int Spared { get; private set; }

        public int Taken { get; private set; }

        public void Do(Act act, string tag)
        {
            _step++;
            switch (act)
            {
                case Act.Keep:
                    Keep($"k{_step}", tag, "z");
                    break;
                case Act.RaiseSoft or Act.RaiseHard:
                    Raise(InvalidationTarget.ForTag(tag), act == Act.RaiseSoft);
                    break;
                case Act.AcknowledgeFirst or Act.AcknowledgeLast:
                    Acknowledge(act == Act.AcknowledgeFirst ? 0 : _waiting.Count - 1);
                    break;
                case Act.PushSoft or Act.PushHard:
                    Push(InvalidationTarget.ForTag(tag), act == Act.PushSoft);
                    break;
                case Act.PushGlob:
                    Push(InvalidationTarget.ForPattern(new GlobPattern($"k*{tag.Length + (_step % 3)}")), isSoft: true);
                    break;
                case Act.PushEverything when _step % 4 == 0:
                    Push(InvalidationTarget.Everything, isSoft: true);
                    break;
                case Act.NewGeneration when _step % 5 == 0:
                    Break();
                    break;
            }

            foreach (var (entry, at) in _held)
                Compare(entry, at);
        }

        private void Keep(string key, params string[] tags)
        {
            var set = _test.Horizon.Tags.Hold(tags);
            if (_waiting.Count == 0 && _test.Horizon.MayStore(key, set, _test.Horizon.Position.Sequence, _test.View.Epoch))
                _held.Add((new Held(key, set, _test.Horizon.Position.Sequence, _test.View.Epoch, _test.View.SelectorCount), _step));
            else
                _test.Horizon.Tags.Release(set);
        }

        /// <summary>Raises an invalidation that the log has immediately. The acknowledgement reaches this node later, in any order.</summary>
        private void Raise(InvalidationTarget target, bool isSoft)
        {
            var record = _test.Record(target);
            var operation = new Operation(isSoft ? Flagged(record) : record, _test.Now);
            _test.Horizon.Raise(operation);
            _waiting.Add((operation, _test.Log(operation.Record), _test.Horizon.Snapshot(_test.Now)));
            _logged.Add((_step, operation, _waiting[^1].Logged.Sequence, target, isSoft));
        }

        private void Acknowledge(int index)
        {
            if (index < 0 || index >= _waiting.Count)
                return;
            var (operation, logged, snapshot) = _waiting[index];
            _waiting.RemoveAt(index);
            Assert.True(_test.Acknowledge(operation, logged, snapshot));
        }

        /// <summary>Pushes the next record. Waiting operations are acknowledged first, because pushes are in order.</summary>
        private void Push(InvalidationTarget target, bool isSoft)
        {
            while (_waiting.Count > 0)
                Acknowledge(_waiting.Count - 1);
            var record = _test.Record(target);
            var logged = _test.Log(isSoft ? Flagged(record) : record);
            _test.Push(logged);
            _logged.Add((_step, null, logged.Sequence, target, isSoft && target.Kind == TargetKind.Tag));
        }

        private void Break()
        {
            while (_waiting.Count > 0)
                Acknowledge(0);
            _test.StartNewGeneration();
            _test.Adopt();
            _test.Tail();
            _test.Effects();
            _since = _step;
        }

        private void Compare(Held entry, long at)
        {
            var since = _logged.FindAll(s => s.Step > at && s.Target.Concerns(entry.Key, entry.Tags.Tags));
            var isValid = since.Count == 0 && at >= _since;
            var isHard = at < _since || since.Exists(s => !s.IsSoft);
            Assert.Equal(isValid, _test.View.IsValid(entry));
            Assert.Equal(!isHard, _test.Horizon.IsSpared(entry));
            Spared += !isValid && !isHard ? 1 : 0;
            Taken += isHard ? 1 : 0;
        }
    }
}
