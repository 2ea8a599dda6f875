using System.Data.Common;
using System.Transactions;
using Unstale.Tests.Transactions;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Examples of docs/transactions.md, executed.</summary>
public sealed class TransactionsExample : IAsyncDisposable
{
    private readonly ScopeUnderTest _test = new();
    private readonly IInvalidator invalidator;
    private readonly UnstaleCache cache;

    public TransactionsExample() => (invalidator, cache) = (_test.Invalidator, _test.Cache);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_unit_of_work_is_one_record()
    {
        await PlaceOrderAsync(7, Stop);
        Assert.Equal(1, _test.Records);
    }

    [Fact]
    public async Task A_transaction_of_a_connection_is_one_record()
    {
        var transaction = new FakeDbTransaction();
        await RenameAsync(transaction, 7, "new", Stop);
        Assert.Equal((1L, "committed disposed"), (_test.Records, transaction.Ended));
    }

    [Fact]
    public async Task A_transaction_scope_is_one_record()
    {
        await TransferAsync(1, 2);
        Assert.Equal(1, _test.Records);
    }

    [Fact]
    public async Task A_unit_of_work_is_repeated_once_after_its_replication_lag()
    {
        await RefreshReportsAsync();
        _test.Test.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(2, _test.Records);
    }

    private async Task PlaceOrderAsync(int user, CancellationToken token)
    {
        using var scope = invalidator.BeginScope();
        var order = await InsertOrderAsync(user, token);
        await invalidator.ChangedAsync("order", order, ChangeOperation.Create, cancellationToken: token);
        await cache.RemoveAsync($"basket:{user}", token);
        await SaveAsync(token);                                    // the commit: if it throws, nothing is raised
        var receipt = await scope.CompleteAsync(token);            // one record for all of it
        Assert.Equal(ReceiptState.Applied, receipt.State);
    }

    private async Task RenameAsync(DbTransaction transaction, int id, string name, CancellationToken token)
    {
        await using var work = new InvalidatingTransaction(transaction, invalidator);
        await ExecuteAsync(work.Transaction, "UPDATE products SET name = @name WHERE id = @id", id, name, token);
        await invalidator.ChangedAsync("product", id, cancellationToken: token);
        await work.CommitAsync(token);                             // commits, then raises
    }

    private async Task TransferAsync(int from, int to)
    {
        using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        await MoveStockAsync(from, to);
        await invalidator.InvalidateAsync(tags: [$"warehouse:{from}", $"warehouse:{to}"]);
        transaction.Complete();                                    // raised when the transaction is committed
    }

    private async Task RefreshReportsAsync()
    {
        using var scope = invalidator.BeginScope();
        scope.ReplicationLag = TimeSpan.FromSeconds(2);               // replicas are at most so far behind
        await invalidator.InvalidateTagAsync("report");
        await scope.CompleteAsync();
    }

    private static Task<int> InsertOrderAsync(int user, CancellationToken token) => Task.FromResult(user);

    private static Task SaveAsync(CancellationToken token) => Task.CompletedTask;

    private static Task ExecuteAsync(DbTransaction transaction, string sql, int id, string name, CancellationToken token) => Task.CompletedTask;

    private static Task MoveStockAsync(int from, int to) => Task.CompletedTask;
}
