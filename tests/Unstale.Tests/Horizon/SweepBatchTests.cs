using Unstale.Horizon;
using Unstale.Log;
using Xunit;

namespace Unstale.Tests.Horizon;

public sealed class SweepBatchTests
{
    private readonly HorizonUnderTest _test = new();
    private readonly SweepBatch _batch = new();

    [Fact]
    public void An_entry_counts_for_the_oldest_invalidation_that_took_it()
    {
        var pattern = Add(4, InvalidationTarget.ForPattern(new GlobPattern("k*")));
        var tag = Add(3, InvalidationTarget.ForTag("t"));
        var again = Add(5, InvalidationTarget.ForTag("t"));
        var everything = Add(6, InvalidationTarget.Everything);
        Assert.Same(tag, _batch.TakerOf(Entry("k", stamp: 2, "t"))?.Ticket);
        Assert.Same(pattern, _batch.TakerOf(Entry("k", stamp: 3, "t"))?.Ticket);
        Assert.Same(again, _batch.TakerOf(Entry("k", stamp: 4, "u", "t"))?.Ticket);
        Assert.Same(everything, _batch.TakerOf(Entry("k", stamp: 5, "t"))?.Ticket);
        Assert.Same(everything, _batch.TakerOf(Entry("other", stamp: 0))?.Ticket);
        Assert.Null(_batch.TakerOf(Entry("k", stamp: 6, "t"))?.Ticket);
    }

    [Fact]
    public void What_another_node_raised_first_counts_for_nobody()
    {
        _batch.Add(3, InvalidationTarget.ForTag("t"), null);
        Add(4, InvalidationTarget.ForTag("t"));
        Assert.Null(_batch.TakerOf(Entry("k", stamp: 2, "t"))?.Ticket);
    }

    [Fact]
    public async Task The_targets_of_one_operation_share_one_ticket_that_ends_with_the_pass()
    {
        var operation = new Operation(_test.Record(), 0);
        _batch.Add(3, InvalidationTarget.ForTag("t"), operation);
        _batch.Add(3, InvalidationTarget.ForTag("u"), operation);
        _batch.TakerOf(Entry("a", 0, "t"))!.Count();
        _batch.TakerOf(Entry("b", 0, "u"))!.Count();
        Assert.False(operation.Sweep!.Done.IsCompleted);
        _batch.Finish();
        Assert.Equal(2, await operation.Sweep.Done);
    }

    [Fact]
    public void Beyond_its_capacity_a_batch_reports_under_the_last_that_it_kept()
    {
        SweepTicket? last = null;
        for (var i = 0; i < SweepBatch.Capacity; i++)
            last = Add(i + 1, InvalidationTarget.ForTag("t"));
        var late = Add(70_000, InvalidationTarget.ForTag("late"));
        Assert.Same(last, late);
        Assert.Null(_batch.TakerOf(Entry("k", 0, "late"))?.Ticket);
    }

    [Fact]
    public async Task Beyond_the_capacity_of_a_batch_of_other_nodes_nobody_waits_for_ever()
    {
        for (var i = 0; i < SweepBatch.Capacity; i++)
            _batch.Add(i + 1, InvalidationTarget.ForTag("t"), null);
        Assert.Equal(0, await Add(70_000, InvalidationTarget.ForTag("late")).Done);
    }

    private SweepTicket Add(long sequence, InvalidationTarget target)
    {
        var operation = new Operation(_test.Record(target), 0);
        _batch.Add(sequence, target, operation);
        return operation.Sweep!;
    }

    private Held Entry(string key, long stamp, params string[] tags) => new(key, _test.Horizon.Tags.Hold(tags), stamp, 0, 0);
}
