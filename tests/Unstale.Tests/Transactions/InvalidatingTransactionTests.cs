using System.Data.Common;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>A transaction of a connection and the invalidations inside.</summary>
public sealed class InvalidatingTransactionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invalidations_in_a_transaction_are_appended_after_the_commit()
    {
        await using var test = new ScopeUnderTest();
        var recordsAtCommit = -1L;
        var transaction = new FakeDbTransaction(commits: () => recordsAtCommit = test.Records);
        await using (var work = new InvalidatingTransaction(transaction, test.Invalidator))
        {
            Assert.Same(transaction, work.Transaction);
            await test.Cache.RemoveAsync("k", Stop);
            await test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
            Assert.Equal(1, (await work.CommitAsync(Stop)).Position.Sequence);
        }

        Assert.Equal((0L, 1L, "committed disposed"), (recordsAtCommit, test.Records, transaction.Ended));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rollback_or_a_disposal_without_a_commit_drops_the_invalidations(bool rollsBack)
    {
        await using var test = new ScopeUnderTest();
        var transaction = new FakeDbTransaction();
        InvalidationReceipt receipt;
        await using (var work = new InvalidatingTransaction(transaction, test.Invalidator))
        {
            receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            if (rollsBack)
                await work.RollbackAsync(Stop);
        }

        Assert.Equal((ReceiptState.Dropped, 0L), (receipt.State, test.Records));
        Assert.Equal(rollsBack ? "rolled back disposed" : " disposed", transaction.Ended);
    }

    public static TheoryData<Exception, bool> Failures => new()
    {
        { new FakeDbException("23505"), false },
        { new FakeDbException("40001"), false },
        { new FakeDbException("25P02"), false },
        { new FakeDbException("40003"), true },
        { new FakeDbException("08006"), true },
        { new FakeDbException("57P01"), true },
        { new FakeDbException("58030"), true },
        { new FakeDbException("XX000"), true },
        { new FakeDbException(null), true },
        { new IOException("cut"), true },
        { new TimeoutException(), true },
        { new OperationCanceledException(), true },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_commit_with_an_unknown_outcome_appends_its_invalidations_and_a_refused_commit_does_not(Exception failure, bool raises)
    {
        await using var test = new ScopeUnderTest();
        await using var work = new InvalidatingTransaction(new FakeDbTransaction(failure), test.Invalidator);
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Same(failure, await Assert.ThrowsAsync(failure.GetType(), () => work.CommitAsync(Stop)));
        Assert.Equal((raises ? ReceiptState.Applied : ReceiptState.Dropped, raises ? 1L : 0L), (receipt.State, test.Records));
    }

    [Fact]
    public async Task A_derived_transaction_can_override_which_failures_leave_the_outcome_open()
    {
        await using var test = new ScopeUnderTest();
        await using var work = new SureTransaction(new FakeDbTransaction(new IOException("before anything was sent")), test.Invalidator);
        await test.Cache.RemoveAsync("k", Stop);
        await Assert.ThrowsAsync<IOException>(() => work.CommitAsync(Stop));
        Assert.Equal(0, test.Records);
    }

    [Fact]
    public async Task A_commit_inside_a_scope_or_with_a_cancelled_token_does_not_commit_the_transaction()
    {
        await using var test = new ScopeUnderTest();
        var transaction = new FakeDbTransaction();
        await using var work = new InvalidatingTransaction(transaction, test.Invalidator);
        using (test.Invalidator.BeginScope())
            await Assert.ThrowsAsync<InvalidOperationException>(() => work.CommitAsync(Stop));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => work.CommitAsync(cancelled.Token));
        Assert.Equal("", transaction.Ended);
        await work.CommitAsync(Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => work.CommitAsync(Stop));
        Assert.Equal("committed", transaction.Ended);
    }

    [Fact]
    public async Task A_failing_rollback_drops_the_invalidations()
    {
        await using var test = new ScopeUnderTest();
        await using var work = new InvalidatingTransaction(new FakeDbTransaction(new IOException("cut")), test.Invalidator);
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Assert.ThrowsAsync<IOException>(() => work.RollbackAsync(Stop));
        Assert.Equal(ReceiptState.Dropped, receipt.State);
    }

    [Fact]
    public async Task An_outer_scope_does_not_affect_the_invalidations_of_a_committed_transaction()
    {
        await using var test = new ScopeUnderTest();
        using (test.Invalidator.BeginScope())
        {
            await using var work = new InvalidatingTransaction(new FakeDbTransaction(), test.Invalidator);
            await test.Cache.RemoveAsync("k", Stop);
            await work.CommitAsync(Stop);
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task A_commit_succeeds_although_the_log_is_unavailable()
    {
        await using var cluster = new TestCluster(1, log: o => o.WhenUnavailable = LogUnavailableBehavior.Throw);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Break("refused");
        await using var work = new InvalidatingTransaction(new FakeDbTransaction(), cluster.A.Invalidator);
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var receipt = await Eventually.Ends("the deadline passes", work.CommitAsync(Stop), () => cluster.Advance(.5));
        Assert.Equal(ReceiptState.Queued, receipt.State);
        Assert.False(cluster.A.Holds("k"));
        cluster.A.Heal();
        await Eventually.Holds("the log has taken it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
    }

    [Fact]
    public async Task A_caller_cancelled_after_the_commit_gets_a_receipt_and_no_exception()
    {
        await using var cluster = new TestCluster(1);
        using var leaves = new CancellationTokenSource();
        await using var work = new InvalidatingTransaction(new FakeDbTransaction(commits: leaves.Cancel), cluster.A.Invalidator);
        cluster.A.Break("never answered");
        await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Pending, (await work.CommitAsync(leaves.Token)).State);
        cluster.A.Heal();
    }

    private sealed class SureTransaction(DbTransaction transaction, IInvalidator invalidator) : InvalidatingTransaction(transaction, invalidator)
    {
        protected override bool MayHaveCommitted(Exception exception) => false;
    }
}
