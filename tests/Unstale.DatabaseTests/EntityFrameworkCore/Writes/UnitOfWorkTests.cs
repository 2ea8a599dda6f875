using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Unstale.EntityFrameworkCore.Writes;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Writes in transactions of the application, in scopes and as SQL text.</summary>
[Collection<PostgresCollection>]
public sealed class UnitOfWorkTests(PostgresServer server)
{
    private const string First = "product update old{id=1} new{cost=11;twice=22} changed{cost,twice}";

    private static readonly Predicate CostOfFirst = Predicate.On("product").Where("id", 1).Using("cost");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_scope_decides(bool isCompleted)
    {
        await using var shop = await StartAsync(isPostgres: true);
        await shop.HoldAsync("cost", CostOfFirst);
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await using var context = shop.Context();
            await RaiseCostAsync(context);
            Assert.False(shop.IsHeld("cost")); // the flow reads its own write
            Assert.Empty(await shop.RecordsAsync());
            if (isCompleted)
                scope.Complete();
        }

        Assert.Equal(!isCompleted, shop.IsHeld("cost"));
        Assert.Equal(isCompleted ? [First] : [], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_enlisted_transaction_decides(bool isCommitted)
    {
        await using var shop = await StartAsync(isPostgres: true);
        using var transaction = new CommittableTransaction();
        await using var context = shop.Context();
        await context.Database.OpenConnectionAsync(Stop);
        context.Database.EnlistTransaction(transaction);
        await RaiseCostAsync(context);
        Assert.Empty(await shop.RecordsAsync());
        if (isCommitted)
            transaction.Commit();
        else
            transaction.Rollback();
        Assert.Equal(isCommitted ? [First] : [], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_of_the_application_is_refused_before_the_write(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(Stop);
        await using var transaction = await connection.BeginTransactionAsync(Stop);
        await context.Database.UseTransactionAsync(transaction, Stop);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => RaiseCostAsync(context));
        Assert.Contains("new InvalidatingTransaction(transaction, cache.Invalidator)", refused.Message, StringComparison.Ordinal);
        Assert.Equal(10, await context.Products.AsNoTracking().Where(static p => p.Id == 1).Select(static p => p.Cost).SingleAsync(Stop));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public async Task A_wrapped_transaction_of_the_application_decides(bool isPostgres, bool isCommitted)
    {
        await using var shop = await StartAsync(isPostgres);
        await shop.HoldAsync("cost", CostOfFirst);
        await using var context = shop.Context();
        var connection = context.Database.GetDbConnection();
        await connection.OpenAsync(Stop);
        await using (var work = new InvalidatingTransaction(await connection.BeginTransactionAsync(Stop), shop.Cache.Invalidator))
        {
            await context.Database.UseTransactionAsync(work.Transaction, Stop);
            await RaiseCostAsync(context);
            Assert.False(shop.IsHeld("cost")); // the flow reads its own write
            Assert.Empty(await shop.RecordsAsync());
            if (isCommitted)
                await work.CommitAsync(Stop);
        }

        Assert.Equal(!isCommitted, shop.IsHeld("cost"));
        Assert.Equal(isCommitted ? [First] : [], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_scope_hides_own_writes_from_its_flow_and_has_no_influence_on_the_commit(bool isCommitted)
    {
        await using var shop = await StartAsync(isPostgres: false);
        await shop.HoldAsync("cost", CostOfFirst);
        await using var context = shop.Context();
        using (var scope = shop.Cache.Invalidator.BeginScope())
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Stop);
            await RaiseCostAsync(context);
            Assert.False(shop.IsHeld("cost"));
            Assert.Empty(await shop.RecordsAsync());
            if (isCommitted)
                await transaction.CommitAsync(Stop);
            else
                await transaction.RollbackAsync(Stop);
            Assert.Equal(isCommitted ? [First] : [], await shop.RecordsAsync());
            await scope.CompleteAsync(Stop);
        }

        Assert.Empty(await shop.RecordsAsync());
        Assert.Equal(!isCommitted, shop.IsHeld("cost"));
    }

    [Fact]
    public async Task A_value_loaded_inside_a_transaction_is_returned_and_not_stored()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        await using (await context.Database.BeginTransactionAsync(Stop))
        {
            await RaiseCostAsync(context);
            Assert.Equal(11, await ReadAsync());
        }

        Assert.Equal(10, await ReadAsync());
        Assert.True(shop.IsHeld("cost"));

        ValueTask<int> ReadAsync() => shop.Cache.GetOrCreateAsync(
            "cost", async token => await context.Products.AsNoTracking().Where(static p => p.Id == 1).Select(static p => p.Cost).SingleAsync(token), cancellationToken: Stop);
    }

    [Theory]
    [InlineData("UPDATE product SET cost = 5", "product any")]
    [InlineData("update \"hint\" set \"CategoryId\" = null", "hint any")]
    [InlineData("DELETE FROM product WHERE id = 2", "product any + product_label delete + review delete")]
    [InlineData("INSERT INTO label(\"Id\", \"Weight\") VALUES (77, 0)", "label any")]
    public async Task Sql_text_of_one_table_invalidates_the_table(string sql, string expected)
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        await context.Database.ExecuteSqlRawAsync(sql, Stop);
        var record = Assert.Single(await shop.RecordsAsync());
        Assert.Equal(expected, string.Join(" + ", record.Split(" + ").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData("WITH c AS (SELECT 1) UPDATE product SET cost = 5")]
    [InlineData("UPDATE product SET cost = 5; UPDATE \"label\" SET \"Weight\" = 1")]
    [InlineData("/* product */ UPDATE product SET cost = 5")]
    [InlineData("BEGIN; UPDATE product SET cost = 5; COMMIT")]
    public async Task Other_sql_text_invalidates_every_table(string sql)
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        context.Database.ExecuteSqlRaw(sql);
        var record = Assert.Single(await shop.RecordsAsync());
        Assert.All(["product any", "label any", "shelf any", "person any"], table => Assert.Contains(table, record.Split(" + ")));
    }

    [Fact]
    public async Task Sql_text_inside_a_transaction_is_raised_by_the_commit()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await context.Database.ExecuteSqlAsync($"UPDATE shelf SET \"Stock\" = {3}", Stop);
        await context.Database.ExecuteSqlRawAsync("SET LOCAL work_mem = '4MB'", Stop);
        Assert.Empty(await shop.RecordsAsync());
        await transaction.CommitAsync(Stop);
        Assert.Equal(["shelf any"], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData("BEGIN")]
    [InlineData(" start transaction isolation level serializable;")]
    [InlineData("COMMIT")]
    public async Task A_transaction_as_sql_text_is_refused(string sql)
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => context.Database.ExecuteSqlRawAsync(sql, Stop));
        Assert.Contains("Use context.Database.BeginTransaction", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bulk_change_is_raised_with_its_cascades_after_the_commit()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        var bulk = new RowChange("product", RowOperation.BulkDelete) { Where = [Term.In("category_id", [ColumnValue.OfNumber(1)])] };
        CommittedChanges.Add(context, bulk);
        Assert.Equal(["product bulk-delete where[category_id=1] + product_label delete + review delete"], await shop.RecordsAsync());
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        CommittedChanges.Add(context, bulk);
        Assert.Empty(await shop.RecordsAsync());
        await transaction.CommitAsync(Stop);
        Assert.Single(await shop.RecordsAsync());
    }

    private static async Task RaiseCostAsync(WriteContext context)
    {
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost++;
        await context.SaveChangesAsync(Stop);
    }

    private Task<WrittenShop> StartAsync(bool isPostgres) => WrittenShop.StartAsync(isPostgres ? server : null);
}
