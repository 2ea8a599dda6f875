using Unstale.Horizon;
using Unstale.Log;
using Unstale.Values;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class SweepQueueTests
{
    private readonly HorizonUnderTest _test = new();
    private readonly SweepQueue _batch = new();

    [Fact]
    public void A_removed_entry_counts_for_the_oldest_matching_invalidation()
    {
        var pattern = Add(4, InvalidationTarget.ForPattern(new GlobPattern("k*")));
        var tag = Add(3, InvalidationTarget.ForTag("t"));
        var again = Add(5, InvalidationTarget.ForTag("t"));
        var everything = Add(6, InvalidationTarget.Everything);
        Assert.Same(tag, _batch.CauseOf(Entry("k", stamp: 2, "t"))?.Ticket);
        Assert.Same(pattern, _batch.CauseOf(Entry("k", stamp: 3, "t"))?.Ticket);
        Assert.Same(again, _batch.CauseOf(Entry("k", stamp: 4, "u", "t"))?.Ticket);
        Assert.Same(everything, _batch.CauseOf(Entry("k", stamp: 5, "t"))?.Ticket);
        Assert.Same(everything, _batch.CauseOf(Entry("other", stamp: 0))?.Ticket);
        Assert.Null(_batch.CauseOf(Entry("k", stamp: 6, "t"))?.Ticket);
    }

    [Fact]
    public void Removals_by_an_earlier_record_of_another_node_count_for_no_receipt()
    {
        _batch.Add(3, InvalidationTarget.ForTag("t"), null);
        Add(4, InvalidationTarget.ForTag("t"));
        Assert.Null(_batch.CauseOf(Entry("k", stamp: 2, "t"))?.Ticket);
    }

    [Fact]
    public async Task The_targets_of_one_operation_share_one_ticket_that_ends_with_the_pass()
    {
        var operation = new Operation(_test.Record(), 0);
        _batch.Add(3, InvalidationTarget.ForTag("t"), operation);
        _batch.Add(3, InvalidationTarget.ForTag("u"), operation);
        _batch.CauseOf(Entry("a", 0, "t"))!.Count();
        _batch.CauseOf(Entry("b", 0, "u"))!.Count();
        Assert.False(operation.Sweep!.Done.IsCompleted);
        _batch.Finish();
        Assert.Equal(2, await operation.Sweep.Done);
    }

    [Fact]
    public void Above_its_capacity_a_sweep_queue_returns_the_ticket_of_its_last_item()
    {
        ISweepTicket? last = null;
        for (var i = 0; i < SweepQueue.Capacity; i++)
            last = Add(i + 1, InvalidationTarget.ForTag("t"));
        var late = Add(70_000, InvalidationTarget.ForTag("late"));
        Assert.Same(last, late);
        Assert.Null(_batch.CauseOf(Entry("k", 0, "late"))?.Ticket);
    }

    [Fact]
    public async Task A_ticket_above_a_capacity_filled_by_other_nodes_is_completed_at_once()
    {
        for (var i = 0; i < SweepQueue.Capacity; i++)
            _batch.Add(i + 1, InvalidationTarget.ForTag("t"), null);
        Assert.Equal(0, await Add(70_000, InvalidationTarget.ForTag("late")).Done);
    }

    [Fact]
    public async Task Entries_that_reads_removed_before_the_pass_are_counted_with_it_up_to_the_capacity()
    {
        var ticket = Add(3, InvalidationTarget.ForTag("t"));
        for (var i = 0; i < SweepQueue.Capacity + 5; i++)
            _batch.AddRemoved(Entry("k", stamp: 2, "t"));
        _batch.AddRemoved(Entry("k", stamp: 3, "t"));
        Assert.False(ticket.IsFinished);
        _batch.Finish();
        Assert.True(ticket.IsFinished);
        Assert.Equal(SweepQueue.Capacity, await ticket.Done);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_value_with_unrecorded_dependencies_counts_for_the_first_record_after_its_stamp(int place)
    {
        var tags = place == 0 ? new[] { DependencyTag.AnyRecord, "t" } : ["s", DependencyTag.AnyRecord];
        var first = Add(3, InvalidationTarget.ForTag("another"));
        var second = Add(4, InvalidationTarget.ForTag("another"));
        Assert.Same(first, _batch.CauseOf(Entry("k", stamp: 2, tags))?.Ticket);
        Assert.Same(second, _batch.CauseOf(Entry("k", stamp: 3, tags))?.Ticket);
        Assert.Null(_batch.CauseOf(Entry("k", stamp: 4, tags)));
    }

    [Fact]
    public void An_own_record_pushed_before_its_acknowledgement_counts_for_its_receipt()
    {
        _batch.Add(3, InvalidationTarget.ForTag("t"), null);
        var own = Add(3, InvalidationTarget.ForTag("t"));
        Assert.Same(own, _batch.CauseOf(Entry("k", stamp: 2, "t"))?.Ticket);
    }

    [Fact]
    public async Task All_waiters_of_a_ticket_are_released_by_its_end()
    {
        var ticket = Add(3, InvalidationTarget.ForTag("t"));
        Task<long>[] waits = [ticket.Done, ticket.Done];
        _batch.Finish();
        Assert.All(waits, wait => Assert.True(wait.IsCompleted));
        Assert.Equal(0, (await Task.WhenAll([.. waits, ticket.Done])).Sum());
    }

    [Fact]
    public void A_batch_is_full_at_its_capacity()
    {
        Assert.False(_batch.IsFull);
        for (var i = 0; i <= SweepQueue.Capacity; i++)
            _batch.Add(i + 1, InvalidationTarget.ForTag("t"), null);
        Assert.True(_batch.IsFull);
    }

    [Theory]
    [InlineData(RecordFlags.None, true)]
    [InlineData(RecordFlags.Lazy, false)]
    [InlineData(RecordFlags.ServeStaleOnce, true)]
    public void Every_record_except_a_lazy_one_starts_a_sweep(RecordFlags flags, bool isUrgent)
    {
        var record = new InvalidationRecord(9, InvalidationTarget.ForTag("t"), new RecordOrigin("node", "tests"), DateTimeOffset.UnixEpoch) { Flags = flags };
        _test.Push(_test.Log(record));
        Assert.Equal(isUrgent, _test.Horizon.DequeueSweeps().IsUrgent);
    }

    private ISweepTicket Add(long sequence, InvalidationTarget target)
    {
        var operation = new Operation(_test.Record(target), 0);
        _batch.Add(sequence, target, operation);
        return operation.Sweep!;
    }

    private Held Entry(string key, long stamp, params string[] tags) => new(key, _test.Horizon.Tags.Hold(tags), stamp, 0, 0);
}
