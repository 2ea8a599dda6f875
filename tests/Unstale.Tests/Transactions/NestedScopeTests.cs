using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Transactions;

/// <summary>Nested scopes and the order of their ends.</summary>
public sealed class NestedScopeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_completed_inner_scope_hands_its_invalidations_to_the_outer_scope()
    {
        await using var test = new ScopeUnderTest();
        InvalidationReceipt inner, handed, all;
        using (var outer = test.Invalidator.BeginScope())
        {
            using (var scope = test.Beside.Invalidator.BeginScope())
            {
                inner = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
                handed = await scope.CompleteAsync(Stop);
            }

            await test.Invalidator.InvalidateKeyAsync("l", cancellationToken: Stop);
            Assert.Equal((ReceiptState.Pending, ReceiptState.Pending, 0L), (inner.State, handed.State, test.Records));
            all = await outer.CompleteAsync(Stop);
        }

        Assert.Equal(1, test.Records);
        Assert.Equal((all.Position, all.Position), (inner.Position, handed.Position));
    }

    [Fact]
    public async Task A_dropped_inner_scope_drops_only_its_own_invalidations()
    {
        await using var test = new ScopeUnderTest();
        foreach (var key in (string[])["k", "l", "m"])
            await test.ReadAsync(key);
        InvalidationReceipt dropped;
        using (var outer = test.Invalidator.BeginScope())
        {
            await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            using (test.Invalidator.BeginScope())
                dropped = await test.Invalidator.InvalidateKeyAsync("l", cancellationToken: Stop);
            await test.Invalidator.InvalidateKeyAsync("m", cancellationToken: Stop);
            Assert.True(test.Cache.TryGet("l", out string _));
            await outer.CompleteAsync(Stop);
        }

        Assert.Equal(ReceiptState.Dropped, dropped.State);
        Assert.Equal([false, true, false], new[] { "k", "l", "m" }.Select(key => test.Cache.TryGet(key, out string _)));
    }

    [Fact]
    public async Task A_dropped_outer_scope_also_drops_the_invalidations_of_a_completed_inner_scope()
    {
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        InvalidationReceipt inner;
        using (test.Invalidator.BeginScope())
        {
            using var scope = test.Invalidator.BeginScope();
            inner = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await scope.CompleteAsync(Stop);
        }

        Assert.Equal((ReceiptState.Dropped, 0L), (inner.State, test.Records));
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task A_scope_with_joinsOuter_false_appends_its_own_record()
    {
        await using var test = new ScopeUnderTest();
        using (test.Invalidator.BeginScope())
        {
            using var own = test.Invalidator.BeginScope(joinsOuter: false);
            var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await own.CompleteAsync(Stop);
            Assert.Equal((ReceiptState.Applied, 1L), (receipt.State, test.Records));
        }

        Assert.Equal(1, test.Records);
    }

    [Fact]
    public async Task Parallel_tasks_inside_a_scope_belong_to_the_scope_and_other_flows_do_not()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => test.Cache.RemoveAsync($"k{i}", Stop).AsTask(), Stop)));
        Assert.Equal(0, test.Records);
        var other = await ScopeUnderTest.ElsewhereAsync(() => test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop).AsTask());
        Assert.Equal((ReceiptState.Applied, 1L), (other.State, test.Records));
        await scope.CompleteAsync(Stop);
        Assert.Equal(2, test.Records);
    }

    [Fact]
    public async Task A_task_that_outlives_its_scope_appends_its_invalidations_at_once()
    {
        await using var test = new ScopeUnderTest();
        var go = new TaskCompletionSource();
        Task<InvalidationReceipt> left;
        using (var scope = test.Invalidator.BeginScope())
        {
            left = RaiseLaterAsync();
            await scope.CompleteAsync(Stop);
        }

        go.SetResult();
        Assert.Equal(ReceiptState.Applied, (await left).State);

        async Task<InvalidationReceipt> RaiseLaterAsync()
        {
            await go.Task;
            return await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        }
    }

    [Fact]
    public async Task Completing_twice_or_after_disposal_is_refused()
    {
        await using var test = new ScopeUnderTest();
        var scope = test.Invalidator.BeginScope();
        await scope.CompleteAsync(Stop);
        Assert.Equal(
            "The scope is already completed, and its invalidations were raised. Begin a new scope for more work.",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => scope.CompleteAsync(Stop).AsTask())).Message);
        scope.Dispose();
        scope.Dispose();
        var disposed = test.Invalidator.BeginScope();
        disposed.Dispose();
        Assert.StartsWith(
            "The scope was disposed without being completed, and its invalidations were discarded. Complete the scope before disposing it.",
            (await Assert.ThrowsAsync<ObjectDisposedException>(() => disposed.CompleteAsync(Stop).AsTask())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_outer_scope_cannot_end_before_its_inner_scope()
    {
        const string Message = "1 nested scope is still open. Complete or dispose the nested scopes first.";
        await using var test = new ScopeUnderTest();
        await test.ReadAsync("k");
        var outer = test.Invalidator.BeginScope();
        var inner = test.Invalidator.BeginScope();
        await test.Cache.RemoveAsync("k", Stop);
        Assert.Equal(Message, (await Assert.ThrowsAsync<InvalidOperationException>(() => outer.CompleteAsync(Stop).AsTask())).Message);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(outer.Dispose).Message);
        var handed = await inner.CompleteAsync(Stop);
        Assert.Equal((ReceiptState.Dropped, 0L), (handed.State, test.Records));
        Assert.True(test.Cache.TryGet("k", out string _));
    }

    [Fact]
    public async Task The_completion_of_a_scope_begun_in_another_flow_is_refused()
    {
        await using var test = new ScopeUnderTest();
        var scope = await BeginAsync();
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.StartsWith(
            "The scope was begun in another async flow and collected no invalidations of this flow",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => scope.CompleteAsync(Stop).AsTask())).Message,
            StringComparison.Ordinal);
        scope.Dispose();

        async Task<InvalidationScope> BeginAsync()
        {
            await Task.Yield();
            return test.Invalidator.BeginScope();
        }
    }

    [Fact]
    public async Task A_wait_inside_a_scope_for_a_receipt_of_the_scope_is_refused()
    {
        await using var test = new ScopeUnderTest();
        using var scope = test.Invalidator.BeginScope();
        using var inner = test.Invalidator.BeginScope();
        var receipt = await test.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
        await inner.CompleteAsync(Stop);
        Assert.StartsWith(
            "The receipt belongs to a scope or transaction that is still open in this flow",
            (await Assert.ThrowsAsync<InvalidOperationException>(() => receipt.WaitForAllNodesAsync(Stop).AsTask())).Message,
            StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receipt.WaitForReclaimAsync(Stop).AsTask());
        var elsewhere = ScopeUnderTest.ElsewhereAsync(async () =>
        {
            await receipt.WaitForAllNodesAsync(Stop);
            return true;
        });
        await scope.CompleteAsync(Stop);
        Assert.True(await Eventually.Ends("it is raised", elsewhere));
    }
}
