using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class InvalidationIndexTests
{
    private static readonly InvalidationTarget Everything = InvalidationTarget.Everything;

    private readonly HorizonParts _parts = new();

    private InvalidationIndex Index => _parts.Index;

    public static TheoryData<string> Kinds => ["key", "tag", "glob", "everything"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_applied_record_invalidates_stamps_below_its_sequence_and_no_others(string kind)
    {
        var tags = Index.Tags.Hold(["tag"]);
        Index.Apply(7, _parts.Record(Target(kind)), own: null);
        Assert.False(Index.IsClear("key", tags, 6));
        Assert.True(Index.IsClear("key", tags, 7));
        Assert.Equal(kind != "everything", Index.IsClear("unrelated", TagSet.Empty, 6));
        Assert.Equal(kind == "key", Index.IsClearWithoutKey("key", tags, 6));
        Assert.Equal(7, Index.NewestMark("key", tags, 6));
        Assert.False(Index.IsPending("key", tags));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pending_record_invalidates_every_stamp_until_it_has_a_sequence(string kind)
    {
        var tags = Index.Tags.Hold(["tag"]);
        var operation = _parts.Operation(Target(kind));
        Index.MarkPending(operation);
        Assert.True(Index.IsPending("key", tags));
        Assert.False(Index.IsClear("key", tags, long.MaxValue - 1));
        Assert.Equal(operation.Record, Assert.Single(Index.Pending).Record);
        Index.ClearPending(operation, 7);
        Index.Apply(7, operation.Record, operation);
        Assert.False(Index.IsPending("key", tags));
        Assert.False(Index.IsClear("key", tags, 6));
        Assert.True(Index.IsClear("key", tags, 7));
        Assert.Empty(Index.Pending);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_pending_record_replaced_by_a_broader_one_leaves_no_invalidation_in_the_index(string kind)
    {
        var tags = Index.Tags.Hold(["tag"]);
        var operation = _parts.Operation(Target(kind));
        Index.MarkPending(operation);
        Index.ClearPending(operation, sequence: null);
        Assert.True(Index.IsClear("key", tags, 0));
        Assert.False(operation.IsPending);
        Assert.Null(operation.PendingSelectors);
        Assert.Empty(_parts.View.Selectors);
    }

    [Fact]
    public void ClearPending_changes_nothing_for_an_operation_that_is_not_pending()
    {
        var operation = _parts.Operation(Everything);
        Index.ClearPending(operation, 7);
        Assert.Equal(0, _parts.View.Floor);
    }

    [Fact]
    public void The_floor_is_the_highest_everything_and_above_all_stamps_while_one_is_pending()
    {
        Index.Apply(7, _parts.Record(Everything), own: null);
        Index.RaiseFloor(5);
        Assert.Equal(7, _parts.View.Floor);
        var operation = _parts.Operation(Everything);
        Index.MarkPending(operation);
        Index.RaiseFloor(9);
        Assert.Equal(long.MaxValue, _parts.View.Floor);
        Index.ClearPending(operation, 8);
        Assert.Equal(9, _parts.View.Floor);
    }

    [Fact]
    public void A_raised_floor_is_not_reported_as_the_newest_invalidation_of_a_key()
    {
        Index.RaiseFloor(9);
        Assert.False(Index.IsClear("key", TagSet.Empty, 8));
        Assert.Equal(0, Index.NewestMark("key", TagSet.Empty, 0));
    }

    [Fact]
    public void ResetTo_drops_applied_records_keeps_pending_ones_and_invalidates_every_stamp_below_the_sequence()
    {
        var tags = Index.Tags.Hold(["tag"]);
        Index.Apply(50, _parts.Record(Target("key"), Target("tag"), Target("glob"), Everything), own: null);
        var pending = _parts.Operation(InvalidationTarget.ForTag("other"), InvalidationTarget.ForPattern(new GlobPattern("other*")));
        Index.MarkPending(pending);
        Index.ResetTo(20);
        Assert.False(Index.IsClear("key", tags, 19));
        Assert.True(Index.IsClear("key", tags, 20));
        Assert.True(Index.IsPending("other1", TagSet.Empty));
        Assert.True(Index.IsPending("key", Index.Tags.Hold(["other"])));
        Assert.Equal([true], _parts.View.Selectors.Select(selector => selector.IsPending));
    }

    [Fact]
    public void A_sequence_counts_as_an_own_invalidation_only_above_the_stamp_and_the_adopted_sequence()
    {
        Index.ResetTo(20);
        Assert.False(Index.IsOwnMark(20, 10));
        Assert.True(Index.IsOwnMark(21, 10));
        Assert.False(Index.IsOwnMark(21, 21));
    }

    [Fact]
    public void Entries_of_a_key_are_removed_below_the_record_and_at_any_stamp_while_it_is_pending()
    {
        var store = new Store();
        Index.Add(store);
        Index.Apply(7, _parts.Record(Target("key")), own: null);
        var operation = _parts.Operation(InvalidationTarget.ForTag("tag"), Target("key"));
        Index.MarkPending(operation);
        Assert.Equal([("key", 7), ("key", long.MaxValue)], store.Dropped);
        Assert.Equal(2, operation.Removed);
        Index.Remove(store);
        Assert.Empty(Index.Stores);
        Index.Apply(8, _parts.Record(Target("key")), own: null);
        Assert.Equal(2, store.Dropped.Count);
    }

    [Fact]
    public void Each_target_increments_the_tick_once_when_pending_and_once_when_applied()
    {
        var operation = _parts.Operation(Target("key"), Target("tag"));
        Index.MarkPending(operation);
        Assert.Equal(2, Index.Tick);
        Index.ClearPending(operation, 7);
        Index.Apply(7, operation.Record, operation);
        Assert.Equal(4, Index.Tick);
        Assert.Equal(1, Index.FirstMark("key", [], since: 0));
        Assert.Equal(2, Index.FirstMark("other", ["tag"], since: 0));
        Assert.Equal(3, Index.FirstMark("key", [], since: 1));
        Assert.Equal(RecentInvalidations.None, Index.FirstMark("other", [], since: 0));
    }

    [Fact]
    public void Pending_records_are_explained_in_the_order_of_their_calls()
    {
        var first = _parts.Operation(Target("key"));
        var second = _parts.Operation(Target("tag"));
        Index.MarkPending(second);
        Index.MarkPending(first);
        Assert.Equal([first.Record, second.Record], new RecentRecords(1).History(default, 0, Index.Pending).Pending);
    }

    [Fact]
    public void The_invalidations_for_a_sweep_are_dequeued_once()
    {
        Index.Apply(7, _parts.Record(Target("tag")), own: null);
        var batch = Index.DequeueSweeps();
        var held = new Held("key", Index.Tags.Hold(["tag"]), stamp: 6, epoch: 0, selectorSeen: 0);
        Assert.Equal(7, batch.CauseOf(held)?.Sequence);
        Assert.Null(Index.DequeueSweeps().CauseOf(held));
    }

    private static InvalidationTarget Target(string kind) => kind switch
    {
        "key" => InvalidationTarget.ForKey("key"),
        "tag" => InvalidationTarget.ForTag("tag"),
        "glob" => InvalidationTarget.ForPattern(new GlobPattern("ke*")),
        _ => Everything,
    };

    private sealed class Store : ILocalStore
    {
        public List<(string, long)> Dropped { get; } = [];

        public int Drop(string key, long below)
        {
            Dropped.Add((key, below));
            return 2;
        }

        public void Sweep(SweepQueue batch, long now)
        {
        }
    }
}
