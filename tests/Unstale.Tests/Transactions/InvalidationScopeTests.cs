using Unstale.Rules;
using Unstale.Tests.Cluster;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>Invalidations in a scope are raised together when the scope is completed, and otherwise never.</summary>
public sealed class InvalidationScopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invalidations_in_a_scope_become_one_record_at_its_completion()
    {
        await using var test = new ScopeUnderTest();
        test.Cache.Rules.Add(new() { Name = "r", Triggers = ["product"], Tags = ["search"], Keys = ["product:{id}"] });
        InvalidationReceipt[] receipts;
        InvalidationReceipt all;
        using (var scope = test.Invalidator.BeginScope())
        {
            receipts =
            [
                await test.Invalidator.InvalidateKeyAsync("k", "one", Stop),
                await test.Invalidator.InvalidateAsync(["k", "l"], ["search"], [new GlobPattern("g*")], reason: "two", cancellationToken: Stop),
                await test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop),
                await test.Invalidator.InvalidateWithDependentsAsync("m", cancellationToken: Stop),
            ];
            await test.Cache.RemoveAsync("n", Stop);
            await test.Cache.RemoveByTagAsync(["t", "u"], Stop);
            Assert.All(receipts, receipt => Assert.Equal(ReceiptState.Pending, receipt.State));
            Assert.Equal(0, test.Records);
            all = await scope.CompleteAsync(Stop);
        }

        Assert.Equal(1, test.Records);
        Assert.Equal(ReceiptState.Applied, all.State);
        Assert.All(receipts, receipt => Assert.Equal((ReceiptState.Applied, all.Position), (receipt.State, receipt.Position)));
    }

    [Fact]
    public async Task A_target_named_twice_in_a_scope_is_in_the_record_once_with_all_reasons()
    {
        await using var cluster = new TestCluster(1);
        using (var scope = cluster.A.Invalidator.BeginScope())
        {
            await cluster.A.Invalidator.InvalidateAsync(["k", "l"], reason: "first", cancellationToken: Stop);
            await cluster.A.Invalidator.InvalidateAsync(["l"], ["t"], reason: "second", cancellationToken: Stop);
            await scope.CompleteAsync(Stop);
        }

        var record = Assert.Single(cluster.Server.Records).Record;
        Assert.Equal(["Key k", "Key l", "Tag t"], record.Targets.ToArray().Select(target => target.ToString()));
        Assert.Equal("first; second", record.Reason);
    }

    [Fact]
    public async Task A_scope_that_is_not_completed_raises_nothing()
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        InvalidationReceipt receipt;
        using (test.Invalidator.BeginScope())
            receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);

        Assert.Equal(0, test.Records);
        Assert.True(test.Cache.TryGet("k", out string _));
        Assert.Equal((ReceiptState.Dropped, 0), (receipt.State, receipt.LocalEntriesRemoved));
        Assert.Equal(0, await receipt.WaitForReclaimAsync(Stop));
        Assert.Equal(
            "The invalidation has no position, because its state is Dropped. Check InvalidationReceipt.State, or complete the scope and commit the transaction of the invalidation.",
            Assert.Throws<InvalidOperationException>(() => receipt.Position).Message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receipt.WaitForAllNodesAsync(Stop).AsTask());
    }

    [Fact]
    public async Task An_exception_inside_a_scope_drops_its_invalidations()
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            using var scope = test.Invalidator.BeginScope();
            await test.Cache.RemoveAsync("k", Stop);
            throw new InvalidDataException();
        });

        Assert.Equal(0, test.Records);
        await test.Cache.RemoveAsync("k", Stop);
        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task A_scope_that_raised_nothing_has_an_empty_receipt()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        var receipt = await scope.CompleteAsync(Stop);
        Assert.Equal((ReceiptState.Applied, LogPositions.Empty, 0), (receipt.State, receipt.Positions, test.Records));
        await receipt.WaitForAllNodesAsync(Stop);
        Assert.Equal(
            "The scope raised no invalidation in this log, so there is no position and InvalidationReceipt.Positions is empty.",
            Assert.Throws<InvalidOperationException>(() => receipt.Position).Message);
    }

    [Fact]
    public async Task Caches_of_one_log_share_a_record_and_another_log_has_its_own()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        var beside = await test.Beside.Invalidator.InvalidateTagAsync("b", cancellationToken: Stop);
        var apart = await test.Apart.Invalidator.InvalidateTagAsync("a", cancellationToken: Stop);
        await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        var receipt = await scope.CompleteAsync(Stop);
        Assert.Equal((1L, 1L), (test.Records, test.Apart.GetLogState().Position.Sequence));
        Assert.Equal(receipt.Position, beside.Position);
        Assert.Equal(test.Apart.GetLogState().Position, apart.Position);
    }

    [Fact]
    public async Task The_receipt_of_a_scope_has_the_position_of_an_invalidation_by_another_cache_of_the_log()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        var beside = await test.Beside.Invalidator.InvalidateTagAsync("b", cancellationToken: Stop);
        var receipt = await scope.CompleteAsync(Stop);
        Assert.Equal(beside.Position, receipt.Position);
    }

    [Fact]
    public async Task A_scope_evaluates_the_rules_in_force_at_its_completion()
    {
        await using var test = new ScopeUnderTest();
        var asked = 0;
        test.Cache.Rules.Add(new() { Name = "asks", Triggers = ["product"], Tags = ["asked"], Condition = _ => ++asked > 0 });
        await test.ReadAsync("k", tags: "late");
        using (var scope = test.Invalidator.BeginScope())
        {
            await test.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
            test.Cache.Rules.Add(new() { Name = "late", Triggers = ["product"], Tags = ["late"] });
            Assert.True(test.Cache.TryGet("k", out string _));
            Assert.Equal(0, test.Cache.GetStatistics().Rules.Details.Single(rule => rule.Name == "asks").Executions);
            await scope.CompleteAsync(Stop);
        }

        Assert.False(test.Cache.TryGet("k", out string _));
        Assert.Equal(2, asked);
        Assert.All(test.Cache.GetStatistics().Rules.Details, rule => Assert.Equal(1, rule.Executions));
    }

    [Fact]
    public async Task Deferred_invalidations_in_a_scope_enter_the_batch_window_at_its_completion()
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        var dropped = test.Invalidator.BeginScope();
        var first = test.Invalidator.InvalidateLater(["k"]);
        dropped.Dispose();
        InvalidationReceipt second, all;
        using (var scope = test.Invalidator.BeginScope())
        {
            second = test.Invalidator.InvalidateLater(["k"]);
            Assert.Equal(0, await test.Invalidator.FlushAsync(Stop));
            all = await scope.CompleteAsync(Stop);
        }

        Assert.Equal((ReceiptState.Dropped, ReceiptState.Pending, ReceiptState.Pending), (first.State, second.State, all.State));
        Assert.Equal(0, test.Records);
        test.Test.Sweep();
        Assert.Equal((ReceiptState.Applied, 1L), (second.State, test.Records));
        Assert.Equal(all.Position, second.Position);
    }

    [Fact]
    public async Task Lazy_and_ServeStaleOnce_targets_of_a_scope_are_separate_records_and_the_strictest_timing_applies()
    {
        await using var cluster = new TestCluster(1);
        cluster.A.Cache.Rules.Add(new() { Name = "lazy", Triggers = ["a"], Tags = ["x", "y"], Strategy = InvalidationStrategy.Lazy });
        cluster.A.Cache.Rules.Add(new() { Name = "once", Triggers = ["b"], Tags = ["x", "y", "z"], Strategy = InvalidationStrategy.Lazy, ServeStaleOnce = true });
        using (var scope = cluster.A.Invalidator.BeginScope())
        {
            await cluster.A.Invalidator.ChangedAsync("b", null, cancellationToken: Stop);
            await cluster.A.Invalidator.ChangedAsync("a", null, cancellationToken: Stop);
            await cluster.A.Invalidator.InvalidateTagAsync("y", cancellationToken: Stop);
            await scope.CompleteAsync(Stop);
        }

        string[] said = [.. cluster.Server.Records.Select(one => $"{one.Record.Flags}: {string.Join(", ", one.Record.Targets.ToArray().Select(t => t.Text))}")];
        Assert.Equal(["None: b, a, y", "Lazy: x", "Lazy, ServeStaleOnce: z"], said);
    }

    [Fact]
    public async Task An_invalid_name_inside_a_scope_is_refused_by_its_call()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.InvalidateKeyAsync("", cancellationToken: Stop).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => test.Invalidator.ChangedAsync("", 1, cancellationToken: Stop).AsTask());
        Assert.Throws<ArgumentException>(() => test.Invalidator.InvalidateLater());
        Assert.Equal(LogPositions.Empty, (await scope.CompleteAsync(Stop)).Positions);
    }

    [Fact]
    public async Task An_unavailable_log_does_not_delay_the_local_effect_of_a_completed_scope()
    {
        await using var cluster = new TestCluster(1, log: o => o.WhenUnavailable = LogUnavailableBehavior.Throw);
        var source = new Source();
        await cluster.A.ReadAsync("k", source);
        cluster.A.Break("refused");
        InvalidationReceipt receipt;
        Task<InvalidationReceipt> completed;
        using (var scope = cluster.A.Invalidator.BeginScope())
        {
            receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            completed = scope.CompleteAsync(Stop).AsTask();
        }

        Assert.False(cluster.A.Holds("k"));
        var away = await Assert.ThrowsAsync<InvalidationLogUnavailableException>(() => Eventually.Ends("the deadline passes", completed, () => cluster.Advance(.5)));
        Assert.Equal((ReceiptState.Queued, ReceiptState.Queued), (receipt.State, away.Receipt.State));
        cluster.A.Heal();
        await Eventually.Holds("the log has taken it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
    }

    [Fact]
    public async Task A_cancelled_completion_of_a_scope_ends_the_wait_and_not_the_invalidation()
    {
        await using var cluster = new TestCluster(1);
        await cluster.A.ReadAsync("k", new Source());
        using var scope = cluster.A.Invalidator.BeginScope();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        cluster.A.Break("never answered");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => scope.CompleteAsync(cancelled.Token).AsTask());
        Assert.False(cluster.A.Holds("k"));
        cluster.A.Heal();
        await Eventually.Holds("the log has taken it", () => receipt.State == ReceiptState.Applied, () => cluster.Advance(.5));
    }

    [Fact]
    public async Task A_scope_completed_after_the_disposal_of_the_cache_is_logged_and_its_receipts_fail()
    {
        var cluster = new TestCluster(1);
        using var scope = cluster.A.Invalidator.BeginScope();
        var receipt = await cluster.A.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await cluster.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => scope.CompleteAsync(Stop).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => receipt.WaitForReclaimAsync(Stop).AsTask());
        Assert.Equal(ReceiptState.Pending, receipt.State);
        Assert.Single(cluster.A.Log.Texts(Microsoft.Extensions.Logging.LogLevel.Error));
    }
}
