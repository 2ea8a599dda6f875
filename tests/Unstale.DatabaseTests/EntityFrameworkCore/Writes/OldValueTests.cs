using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using Unstale.EntityFrameworkCore.Writes;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Saves that read the rows they change, under lock.</summary>
[Collection<PostgresCollection>]
public sealed class OldValueTests(PostgresServer server)
{
    private const string First = "product update old{id=1;category_id=1;cost=10;twice=20;width=3} new{cost=11;twice=22} changed{cost,twice}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_update_has_the_values_of_the_row_and_not_those_that_the_application_claims(bool isPostgres, bool isSynchronous)
    {
        await using var shop = await StartAsync(isPostgres);
        await shop.HoldAsync("cost 10", Predicate.On("product").Where("cost", 10).Using());
        await shop.HoldAsync("cost 11", Predicate.On("product").Where("cost", 11).Using());
        await shop.HoldAsync("cost 7", Predicate.On("product").Where("cost", 7).Using());
        await using var context = Reading(shop);
        var claimed = context.Attach(new Product { Id = 1, Cost = 7, CategoryId = 2 });
        claimed.Entity.Cost = 11;
        await SaveAsync(context, isSynchronous);
        Assert.Equal([First], await shop.RecordsAsync());
        Assert.Equal((false, false, true), (shop.IsHeld("cost 10"), shop.IsHeld("cost 11"), shop.IsHeld("cost 7")));
        Assert.Empty(shop.LogLines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_value_that_another_writer_has_written_meanwhile_is_the_old_one(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = Reading(shop);
        var product = await context.Products.SingleAsync(static p => p.Id == 1, Stop);
        await using (var other = shop.Context())
            await other.Products.Where(static p => p.Id == 1).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.CategoryId, 2), Stop);
        await shop.RecordsAsync();
        product.Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal([First.Replace("category_id=1", "category_id=2", StringComparison.Ordinal)], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_and_the_rows_of_several_tables_have_their_values(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = Reading(shop);
        var (employee, cat) = (new Employee { Age = 30, Salary = 7 }, new Cat { Lives = 9 });
        context.AddRange(employee, cat);
        await context.SaveChangesAsync(Stop);
        (employee.Salary, cat.Lives) = (8, 8);
        await context.SaveChangesAsync(Stop);
        context.RemoveRange(employee, cat);
        await context.SaveChangesAsync(Stop);
        var kind = shop.Cache.ColumnHash.OfText("cat");
        Assert.Equal(
            [
                $"employee update old{{Id=1;Salary=7}} new{{Salary=8}} changed{{Salary}} + pet update old{{Id=1;Lives=9;kind={kind}}} new{{Lives=8}} changed{{Lives}}",
                $"employee delete old{{Id=1;Salary=8}} + employee delete old{{Id=1}} + person delete old{{Id=1;Age=30}} + pet delete old{{Id=1;Lives=8;kind={kind}}}",
            ],
            (await shop.RecordsAsync())[1..].Select(static record => string.Join(" + ", record.Split(" + ").Distinct().Order(StringComparer.Ordinal))));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task In_a_transaction_of_the_application_the_rows_are_read_in_it(bool isCommitted)
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var context = Reading(shop);
        await using (var transaction = await context.Database.BeginTransactionAsync(Stop))
        {
            await context.Database.ExecuteSqlAsync($"UPDATE product SET category_id = 2 WHERE id = 2", Stop);
            (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
            await context.SaveChangesAsync(Stop);
            Assert.Empty(await shop.RecordsAsync());
            if (isCommitted)
                await transaction.CommitAsync(Stop);
        }

        Assert.Equal(isCommitted ? [$"product any + {First}"] : [], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_transaction_scope_decides(bool isCompleted)
    {
        await using var shop = await StartAsync(isPostgres: true);
        using (var scope = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await using var context = Reading(shop);
            (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
            await context.SaveChangesAsync(Stop);
            if (isCompleted)
                scope.Complete();
        }

        Assert.Equal(isCompleted ? [First] : [], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_transaction_of_another_context_on_the_connection_is_used()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var first = Reading(shop);
        await using var transaction = await first.Database.BeginTransactionAsync(Stop);
        await using var second = shop.Context(options => options.UseNpgsql(first.Database.GetDbConnection()).UseUnstale(static o => o.ReadOldValues()));
        (await second.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await second.SaveChangesAsync(Stop);
        Assert.Empty(await shop.RecordsAsync());
        await transaction.CommitAsync(Stop);
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Fact]
    public async Task No_other_transaction_can_change_the_row_between_the_read_and_the_write()
    {
        await using var shop = await StartAsync(isPostgres: true);
        var states = new List<string?>();
        await using var context = Reading(shop, new BeforeUpdate(async () =>
        {
            await using var other = new NpgsqlConnection(shop.ConnectionString);
            await other.OpenAsync(Stop);
            await using var locked = new NpgsqlCommand("SELECT 1 FROM product WHERE id = 1 FOR UPDATE NOWAIT", other);
            states.Add((await Assert.ThrowsAsync<PostgresException>(() => locked.ExecuteScalarAsync(Stop))).SqlState);
        }));
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal([PostgresErrorCodes.LockNotAvailable], states);
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_save_that_fails_raises_nothing_and_leaves_no_transaction(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = Reading(shop);
        var missing = context.Attach(new Product { Id = 99, CategoryId = 1 });
        missing.Entity.Cost = 11;
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => context.SaveChangesAsync(Stop));
        Assert.Null(context.Database.CurrentTransaction);
        Assert.True(context.Database.AutoSavepointsEnabled);
        missing.State = EntityState.Detached;
        Assert.Empty(await shop.RecordsAsync());
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal([First], await shop.RecordsAsync());
        Assert.True(context.Database.AutoSavepointsEnabled);
    }

    [Fact]
    public async Task Without_transactions_no_row_is_read()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = Reading(shop);
        context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Never;
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["product update old{id=1} new{cost=11;twice=22} changed{cost,twice}"], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_strategy_that_retries_reads_the_rows_again()
    {
        await using var shop = await StartAsync(isPostgres: true);
        var failures = 1;
        var failing = new BeforeUpdate(() => failures-- > 0 ? throw new NpgsqlException("injected", new TimeoutException()) : Task.CompletedTask);
        await using var context = shop.Context(
            options => options.UseNpgsql(shop.ConnectionString, static of => of.EnableRetryOnFailure()).UseUnstale(static o => o.ReadOldValues()), failing);
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost = 11;
        await context.SaveChangesAsync(Stop);
        Assert.Equal(-1, failures);
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Fact]
    public async Task More_rows_than_one_command_reads_all_have_their_values()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = Reading(shop);
        context.AddRange(Enumerable.Range(1, 250).Select(static i => new Shelf { Stock = i, Place = i }));
        await context.SaveChangesAsync(Stop);
        await shop.RecordsAsync();
        foreach (var shelf in context.Shelves)
            shelf.Place++;
        await context.SaveChangesAsync(Stop);
        var changes = (await shop.RecordsAsync()).SelectMany(static record => record.Split(" + "));
        Assert.Equal(Enumerable.Range(1, 250).Select(static i => $"shelf update old{{Id={i};Place={i};Stock={i}}} new{{Place={i + 1}}} changed{{Place}}"), changes);
    }

    [Theory]
    [InlineData("Microsoft.EntityFrameworkCore.SqlServer", false)]
    [InlineData("Microsoft.EntityFrameworkCore.Sqlite", true)]
    [InlineData("Npgsql.EntityFrameworkCore.PostgreSQL", true)]
    public void Rows_are_locked_with_two_providers(string provider, bool isPossible) => Assert.Equal(isPossible, MappedTable.CanLock(provider));

    private static WriteContext Reading(WrittenShop shop, params IInterceptor[] interceptors) => shop.Context(static options => options.UseUnstale(static o => o.ReadOldValues()), interceptors);

    private static Task<int> SaveAsync(WriteContext context, bool isSynchronous) => isSynchronous ? Task.FromResult(context.SaveChanges()) : context.SaveChangesAsync(Stop);

    private Task<WrittenShop> StartAsync(bool isPostgres) => WrittenShop.StartAsync(isPostgres ? server : null);

    /// <summary>Runs before each command that updates a row.</summary>
    private sealed class BeforeUpdate(Func<Task> run) : DbCommandInterceptor
    {
        public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("UPDATE product", StringComparison.Ordinal))
                await run();
            return result;
        }
    }
}
