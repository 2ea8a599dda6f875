using System.Transactions;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>Invalidations inside a transaction are raised at the commit, with or without a scope of this library.</summary>
public sealed class TransactionScopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_committed_transaction_appends_its_invalidations_as_one_record_before_the_commit_returns(bool withScope)
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        InvalidationReceipt[] receipts;
        using (var transaction = Begin())
        {
            using var scope = withScope ? test.Invalidator.BeginScope() : null;
            receipts = [await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop), await test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop)];
            await test.Cache.SetAsync("l", "never kept", cancellationToken: Stop);
            if (scope is not null)
                Assert.Equal(ReceiptState.Pending, (await scope.CompleteAsync(Stop)).State);
            Assert.Equal(0, test.Records);
            Assert.False(test.Cache.TryGet("k", out string _));
            transaction.Complete();
            Assert.Equal(0, test.Records);
        }

        Assert.Equal(1, test.Records);
        Assert.Null(test.Cache.Inspect("l"));
        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.All(receipts, receipt => Assert.Equal((ReceiptState.Applied, 1L), (receipt.State, receipt.Position.Sequence)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_abort_raises_nothing(bool withScope)
    {
        await using var test = new ScopeUnderTest();
        test.Source["k"] = "old";
        await test.ReadAsync("k");
        InvalidationReceipt receipt;
        using (Begin())
        {
            using var scope = withScope ? test.Invalidator.BeginScope() : null;
            receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            test.Source["k"] = "never committed";
            Assert.Equal("never committed", await test.ReadAsync("k"));
            Assert.Equal("old", await test.ReadElsewhereAsync("k"));
            if (scope is not null)
                await scope.CompleteAsync(Stop);
        }

        Assert.Equal((ReceiptState.Dropped, 0L), (receipt.State, test.Records));
        Assert.Equal("old", await test.ReadAsync("k"));
    }

    [Fact]
    public async Task A_scope_that_is_not_completed_raises_nothing_though_the_transaction_is_committed()
    {
        await using var test = new ScopeUnderTest();
        using (var transaction = Begin())
        {
            using (test.Invalidator.BeginScope())
                await test.Cache.RemoveAsync("k", Stop);
            transaction.Complete();
        }

        Assert.Equal(0, test.Records);
    }

    [Fact]
    public async Task A_scope_completed_after_a_commit_appends_its_record_and_after_an_abort_does_not()
    {
        await using var test = new ScopeUnderTest();
        foreach (var commits in (bool[])[true, false])
        {
            var transaction = Begin();
            using var scope = test.Invalidator.BeginScope();
            var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            if (commits)
                transaction.Complete();
            transaction.Dispose();
            Assert.Equal(ReceiptState.Pending, receipt.State);
            await scope.CompleteAsync(Stop);
            Assert.Equal(commits ? ReceiptState.Applied : ReceiptState.Dropped, receipt.State);
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task Invalidations_before_and_after_a_transaction_timeout_are_dropped()
    {
        await using var test = new ScopeUnderTest();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transaction = new TransactionScope(TransactionScopeOption.Required, TimeSpan.FromMilliseconds(50), TransactionScopeAsyncFlowOption.Enabled);
        Transaction.Current!.TransactionCompleted += (_, _) => ended.SetResult();
        var before = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await Eventually.Ends("the transaction's time is up", ended.Task);
        var after = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        transaction.Complete();
        Assert.Throws<TransactionAbortedException>(transaction.Dispose);
        Assert.Equal((ReceiptState.Dropped, ReceiptState.Dropped, 0L), (before.State, after.State, test.Records));
    }

    [Fact]
    public async Task A_transaction_in_doubt_counts_as_committed()
    {
        await using var test = new ScopeUnderTest();
        InvalidationReceipt receipt;
        var transaction = Begin();
        Transaction.Current!.EnlistDurable(Guid.NewGuid(), new FakeResource { IsInDoubt = true }, EnlistmentOptions.None);
        receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        transaction.Complete();
        Assert.Throws<TransactionInDoubtException>(transaction.Dispose);
        Assert.Equal((ReceiptState.Applied, 1L), (receipt.State, test.Records));
    }

    [Fact]
    public async Task A_single_database_commits_in_one_phase_before_any_record_is_appended()
    {
        await using var test = new ScopeUnderTest();
        var recordsAtCommit = -1L;
        var database = new FakeResource(() => recordsAtCommit = test.Records);
        using (var transaction = Begin())
        {
            using var scope = test.Invalidator.BeginScope();
            Transaction.Current!.EnlistVolatile(database, EnlistmentOptions.None);
            await test.Cache.RemoveAsync("k", Stop);
            await scope.CompleteAsync(Stop);
            transaction.Complete();
        }

        Assert.Equal(["single phase"], database.Asked);
        Assert.Equal((0L, 1L), (recordsAtCommit, test.Records));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Two_resources_commit_or_roll_back_together_on_any_thread(bool votesNo, bool isSlow)
    {
        await using var test = new ScopeUnderTest();
        var first = new FakeResource { IsSlow = isSlow };
        var second = new FakeResource { VotesNo = votesNo, IsSlow = isSlow };
        InvalidationReceipt receipt;
        var transaction = Begin();
        Transaction.Current!.EnlistVolatile(first, EnlistmentOptions.None);
        receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Transaction.Current!.EnlistVolatile(second, EnlistmentOptions.None);
        transaction.Complete();
        if (votesNo)
            Assert.Throws<TransactionAbortedException>(transaction.Dispose);
        else
            transaction.Dispose();

        // With participants on other threads, the outcome may be reported a moment after the transaction has returned.
        if (isSlow)
            await Eventually.Holds("the outcome is told", () => receipt.State != ReceiptState.Pending && first.Asked.Count == 2);
        Assert.Equal((votesNo ? ReceiptState.Dropped : ReceiptState.Applied, votesNo ? 0L : 1L), (receipt.State, test.Records));
        Assert.Equal(["prepare", votesNo ? "rollback" : "commit"], first.Asked);
    }

    [Fact]
    public async Task A_nested_transaction_with_RequiresNew_appends_its_own_record()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        using (Begin())
        {
            using var around = test.Invalidator.BeginScope();
            using (var own = Begin(TransactionScopeOption.RequiresNew))
            {
                await test.Cache.RemoveAsync("own", Stop);
                own.Complete();
            }

            Assert.Equal(1, test.Records);
            using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
                Assert.Equal(ReceiptState.Pending, (await test.Invalidator.InvalidateKeyAsync("of the scope around all", cancellationToken: Stop)).State);
            await test.Cache.RemoveAsync("rolled back", Stop);
            await around.CompleteAsync(Stop);
        }

        Assert.Equal(1, test.Records);
        Assert.Equal(2, (await scope.CompleteAsync(Stop)).Position.Sequence);
    }

    [Fact]
    public async Task Invalidations_of_a_committed_transaction_are_appended_even_if_the_outer_scope_is_dropped()
    {
        await using var test = new ScopeUnderTest();
        using (test.Invalidator.BeginScope())
        {
            using var transaction = Begin();
            await test.Cache.RemoveAsync("k", Stop);
            transaction.Complete();
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task Between_Complete_and_the_end_of_a_transaction_invalidations_outside_a_scope_are_refused()
    {
        await using var test = new ScopeUnderTest();
        using (var transaction = Begin())
        {
            using var scope = test.Invalidator.BeginScope();
            transaction.Complete();
            Assert.Equal(ReceiptState.Pending, (await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).State);
            await scope.CompleteAsync(Stop);
            const string Message = "The ambient TransactionScope is completed but not disposed: its transaction accepts no more invalidations, and the outcome of the transaction is not known yet. "
                + "Invalidate before Complete is called, or after the scope is disposed.";
            Assert.Equal(Message, (await Assert.ThrowsAsync<InvalidOperationException>(() => test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask())).Message);
            Assert.Throws<InvalidOperationException>(() => test.Invalidator.BeginScope());
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task Flows_of_one_transaction_and_its_clones_share_its_record()
    {
        await using var test = new ScopeUnderTest();
        using (var transaction = Begin())
        {
            await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => test.Cache.RemoveAsync($"k{i}", Stop).AsTask(), Stop)));
            var dependent = Transaction.Current!.DependentClone(DependentCloneOption.BlockCommitUntilComplete);
            var elsewhere = ScopeUnderTest.ElsewhereAsync(async () =>
            {
                using var inner = new TransactionScope(dependent, TransactionScopeAsyncFlowOption.Enabled);
                await test.Cache.RemoveAsync("clone", Stop);
                inner.Complete();
                return true;
            });
            await elsewhere;
            dependent.Complete();
            transaction.Complete();
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task Invalidations_take_effect_before_the_commit_returns_and_are_appended_in_the_background()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k", new Source());
        cluster.A.Break("refused");
        InvalidationReceipt receipt;
        using (var transaction = Begin())
        {
            receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await Assert.ThrowsAsync<InvalidOperationException>(() => receipt.WaitForAllNodesAsync(Stop).AsTask());
            transaction.Complete();
        }

        Assert.False(cluster.A.Holds("k"));
        Assert.NotEqual(ReceiptState.Applied, receipt.State);
        cluster.A.Heal();
        await Eventually.Holds("the log has taken it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
    }

    [Fact]
    public async Task A_transaction_outlives_the_cache_and_commits_all_the_same()
    {
        var cluster = new TestCluster(1);
        using (var transaction = Begin())
        {
            await cluster.A.Cache.RemoveAsync("k", Stop);
            await cluster.DisposeAsync();
            transaction.Complete();
        }

        await Eventually.Holds("it is said", () => cluster.A.Log.Says("a unit of work succeeded"));
    }

    private static TransactionScope Begin(TransactionScopeOption option = TransactionScopeOption.Required) => new(option, TransactionScopeAsyncFlowOption.Enabled);
}
