using Unstale.Horizon;
using Unstale.Log;
using Unstale.Node;
using Unstale.Tests.Node;
using Unstale.Transactions;
using Xunit;

namespace Unstale.Tests.Invalidations;

/// <summary>States of a receipt over its sources: raised immediately, pending in a batch, partly each, deferred by a scope.</summary>
public sealed class ReceiptStateTests : IAsyncDisposable
{
    private readonly NodeParts _parts = new();
    private readonly CacheUnderTest _test = new();

    private LogPartitions Log => _test.Log;

    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Fact]
    public void Without_targets_a_receipt_is_applied_and_has_no_position()
    {
        var receipt = new InvalidationReceipt(null, Log);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Empty(receipt.Positions);
        Assert.Throws<InvalidOperationException>(() => receipt.Position);
    }

    [Theory]
    [InlineData(nameof(VersionState.None), ReceiptState.Applied)]
    [InlineData(nameof(VersionState.Newest), ReceiptState.Applied)]
    [InlineData(nameof(VersionState.Superseded), ReceiptState.Superseded)]
    public void An_immediate_receipt_is_queued_until_the_log_has_the_record(string versionState, ReceiptState end)
    {
        var version = Enum.Parse<VersionState>(versionState);
        var operation = New();
        var receipt = new InvalidationReceipt(operation, Log);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.Throws<InvalidOperationException>(() => receipt.Positions);
        operation.Apply(_parts.At(3), version);
        Assert.Equal(end, receipt.State);
        Assert.Equal(_parts.At(3), receipt.Position);
    }

    [Fact]
    public void A_receipt_of_several_records_is_queued_until_the_log_has_all()
    {
        var (first, last) = (New(), New());
        last.Earlier = [first];
        var receipt = new InvalidationReceipt(last, Log);
        last.Apply(_parts.At(2));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        first.Apply(_parts.At(1));
        Assert.Equal((ReceiptState.Applied, 2), (receipt.State, receipt.Position.Sequence));
    }

    [Fact]
    public void A_pending_receipt_is_queued_after_the_flush_until_the_log_has_the_record()
    {
        var batch = new DeferredInvalidation();
        var receipt = new InvalidationReceipt(null, Log, batch);
        Assert.Equal(ReceiptState.Pending, receipt.State);
        var flushed = New();
        batch.End(flushed);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        flushed.Apply(_parts.At(1));
        Assert.Equal((ReceiptState.Applied, 1), (receipt.State, receipt.Position.Sequence));
    }

    [Fact]
    public void A_lost_batch_remains_pending()
    {
        var batch = new DeferredInvalidation();
        batch.Lose(new IOException("lost"));
        Assert.Equal(ReceiptState.Pending, new InvalidationReceipt(null, Log, batch).State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_partly_pending_receipt_passes_through_every_state_in_either_order(bool flushedFirst)
    {
        var (immediate, flushed, batch) = (New(), New(), new DeferredInvalidation());
        var receipt = new InvalidationReceipt(immediate, Log, batch);
        var states = new List<ReceiptState> { receipt.State };
        Action[] steps = [() => immediate.Apply(_parts.At(1)), () => batch.End(flushed)];
        foreach (var step in flushedFirst ? steps.Reverse() : steps)
        {
            step();
            states.Add(receipt.State);
        }

        flushed.Apply(_parts.At(2));
        states.Add(receipt.State);
        Assert.Equal([ReceiptState.Queued, flushedFirst ? ReceiptState.Queued : ReceiptState.Pending, ReceiptState.Queued, ReceiptState.Applied], states);
        Assert.Equal(1, receipt.Position.Sequence); // of the immediate part
    }

    [Fact]
    public void A_deferred_receipt_is_pending_until_its_scope_ends_and_then_in_the_state_of_the_raised_one()
    {
        var outcome = new ScopeOutcome(new ScopeLedger(), Log);
        var receipt = outcome.Receipt;
        Assert.Equal(ReceiptState.Pending, receipt.State);
        Assert.Throws<InvalidOperationException>(() => receipt.Positions);
        var operation = New();
        outcome.End(new InvalidationReceipt(operation, Log));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        operation.Apply(_parts.At(1));
        Assert.Equal((ReceiptState.Applied, 1), (receipt.State, receipt.Position.Sequence));
    }

    [Fact]
    public async Task A_dropped_receipt_stays_dropped()
    {
        var outcome = new ScopeOutcome(new ScopeLedger(), Log);
        outcome.End(null);
        Assert.Equal((ReceiptState.Dropped, 0), (outcome.Receipt.State, outcome.Receipt.LocalEntriesRemoved));
        Assert.Equal(0, await outcome.Receipt.WaitForReclaimAsync(TestContext.Current.CancellationToken));
        Assert.Throws<InvalidOperationException>(() => outcome.Receipt.Positions);
    }

    [Fact]
    public void A_scope_that_failed_leaves_its_receipt_pending()
    {
        var outcome = new ScopeOutcome(new ScopeLedger(), Log);
        outcome.Fail(new IOException("failed"));
        Assert.Equal(ReceiptState.Pending, outcome.Receipt.State);
    }

    private PendingAppend New() => new(_parts.Record("k"), 0);
}
