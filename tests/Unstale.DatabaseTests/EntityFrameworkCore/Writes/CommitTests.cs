using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Moment at which changes are raised: after the commit, and not without one.</summary>
[Collection<PostgresCollection>]
public sealed class CommitTests(PostgresServer server)
{
    private const string First = "product update old{id=1} new{cost=11;twice=22} changed{cost,twice}";
    private const string Second = "product update old{id=2} new{cost=21;twice=42} changed{cost,twice}";

    private static readonly Predicate CostOfFirst = Predicate.On("product").Where("id", 1).Using("cost");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_raises_the_changes_of_all_saves_as_one_record(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await RaiseCostAsync(context, 1);
        await RaiseCostAsync(context, 2);
        await shop.HoldAsync("cost", CostOfFirst);
        Assert.Empty(await shop.RecordsAsync());
        Assert.True(shop.IsHeld("cost"));
        await transaction.CommitAsync(Stop);
        Assert.False(shop.IsHeld("cost"));
        Assert.Equal([$"{First} + {Second}"], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_synchronous_commit_raises_the_changes()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        context.Database.BeginTransaction();
        context.Products.Single(static p => p.Id == 1).Cost++;
        context.SaveChanges();
        Assert.Empty(await shop.RecordsAsync());
        context.Database.CommitTransaction();
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Without_a_commit_nothing_is_raised(bool isPostgres, bool isDisposed)
    {
        await using var shop = await StartAsync(isPostgres);
        await shop.HoldAsync("cost", CostOfFirst);
        await using var context = shop.Context();
        await using (var transaction = await context.Database.BeginTransactionAsync(Stop))
        {
            await RaiseCostAsync(context, 1);
            if (!isDisposed)
                await transaction.RollbackAsync(Stop);
        }

        Assert.True(shop.IsHeld("cost"));
        await RaiseCostAsync(context, 2); // a later save has nothing of the transaction
        Assert.Equal([Second], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rollback_to_a_savepoint_drops_the_changes_since_the_savepoint(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await shop.HoldAsync("cost", Predicate.On("product").Where("id", 2).Using("cost"));
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await RaiseCostAsync(context, 1);
        await transaction.CreateSavepointAsync("a", Stop);
        await RaiseCostAsync(context, 2);
        await RaiseCostAsync(context, 2);
        await transaction.RollbackToSavepointAsync("a", Stop);
        await transaction.CommitAsync(Stop);
        Assert.Equal([First], await shop.RecordsAsync());
        Assert.True(shop.IsHeld("cost"));
    }

    [Fact]
    public async Task A_released_savepoint_keeps_its_changes()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await transaction.CreateSavepointAsync("a", Stop);
        await RaiseCostAsync(context, 1);
        await transaction.ReleaseSavepointAsync("a", Stop);
        await transaction.CreateSavepointAsync("b", Stop);
        await RaiseCostAsync(context, 2);
        await transaction.RollbackToSavepointAsync("b", Stop);
        await transaction.CommitAsync(Stop);
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_save_inside_a_transaction_that_is_committed_raises_nothing(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await RaiseCostAsync(context, 1);
        context.Add(new Product { Cost = 1, CategoryId = 99 });
        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Stop));
        await transaction.CommitAsync(Stop);
        Assert.Equal([First], await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Two_contexts_in_one_transaction_are_raised_by_its_commit(bool isPostgres)
    {
        await using var shop = await StartAsync(isPostgres);
        await using var one = shop.Context();
        await using var transaction = await one.Database.BeginTransactionAsync(Stop);
        await using var two = shop.Context(options => Connect(options, one.Database.GetDbConnection()));
        await two.Database.UseTransactionAsync(transaction.GetDbTransaction(), Stop);
        await RaiseCostAsync(one, 1);
        await RaiseCostAsync(two, 2);
        Assert.Empty(await shop.RecordsAsync());
        await transaction.CommitAsync(Stop);
        Assert.Equal([$"{First} + {Second}"], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_context_on_the_connection_of_another_one_writes_in_its_transaction()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var one = shop.Context();
        await using var two = shop.Context(options => Connect(options, one.Database.GetDbConnection()));
        await using (await one.Database.BeginTransactionAsync(Stop))
        {
            await RaiseCostAsync(two, 1);
            Assert.Empty(await shop.RecordsAsync());
            await one.Database.CommitTransactionAsync(Stop);
            Assert.Equal([First], await shop.RecordsAsync());
        }

        await using (await one.Database.BeginTransactionAsync(Stop))
            await RaiseCostAsync(one, 1);
        await one.Database.OpenConnectionAsync(Stop);
        await RaiseCostAsync(two, 2); // the transaction was disposed without an event
        Assert.Equal([Second], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_retried_transaction_is_raised_once()
    {
        await using var shop = await StartAsync(isPostgres: false);
        var failing = new FailingCommands(after: 2);
        await using var context = shop.Context(static options => options.UseSqlite(static o => o.ExecutionStrategy(static of => new OneRetry(of))), failing);
        var products = await context.Products.OrderBy(static p => p.Id).ToListAsync(Stop);
        products.ForEach(static product => product.Cost++);
        failing.Begin();
        await context.SaveChangesAsync(Stop);
        Assert.True(failing.HasFailed);
        Assert.Equal([$"{First} + {Second}"], await shop.RecordsAsync());
    }

    [Fact]
    public async Task A_command_of_which_the_outcome_is_unknown_invalidates_its_table()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await shop.HoldAsync("other", Predicate.On("product").Where("id", 2).Using("cost"));
        var failing = new FailingCommands(after: 1);
        await using var context = shop.Context(failing);
        (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost++;
        failing.Begin();
        await Assert.ThrowsAnyAsync<Exception>(() => context.SaveChangesAsync(Stop));
        Assert.StartsWith("product any", Assert.Single(await shop.RecordsAsync()), StringComparison.Ordinal);
        Assert.False(shop.IsHeld("other"));
    }

    [Fact]
    public async Task A_command_that_the_database_refused_raises_nothing()
    {
        await using var shop = await StartAsync(isPostgres: true);
        await using var context = shop.Context();
        context.Add(new Product { Cost = 1, CategoryId = 99 });
        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Stop));
        context.Add(new Label());
        await Assert.ThrowsAsync<DbUpdateException>(() => context.SaveChangesAsync(Stop)); // two commands in an own transaction
        Assert.Empty(await shop.RecordsAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_whose_acknowledgement_is_lost_is_raised(bool isExplicit)
    {
        await using var shop = await StartAsync(isPostgres: true);
        await shop.HoldAsync("cost", CostOfFirst);
        await using var context = shop.Context(new KillingCommits(shop));
        if (isExplicit)
        {
            await using var transaction = await context.Database.BeginTransactionAsync(Stop);
            await RaiseCostAsync(context, 1);
            await Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync(Stop));
        }
        else
        {
            (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Cost++;
            context.Add(new Label());
            await Assert.ThrowsAnyAsync<Exception>(() => context.SaveChangesAsync(Stop));
        }

        Assert.False(shop.IsHeld("cost"));
    }

    [Fact]
    public async Task A_cache_that_fails_breaks_no_commit()
    {
        await using var shop = await StartAsync(isPostgres: false);
        await using var context = shop.Context();
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await RaiseCostAsync(context, 1);
        await shop.Cache.DisposeAsync();
        await transaction.CommitAsync(Stop);
        await RaiseCostAsync(context, 2);
        Assert.Equal([11, 21], await context.Products.OrderBy(static p => p.Id).Select(static p => p.Cost).ToListAsync(Stop));
    }

    private static void Connect(DbContextOptionsBuilder<WriteContext> options, DbConnection connection)
    {
        if (connection is NpgsqlConnection)
            options.UseNpgsql(connection);
        else
            options.UseSqlite(connection);
    }

    private static async Task RaiseCostAsync(WriteContext context, int id)
    {
        (await context.Products.SingleAsync(p => p.Id == id, Stop)).Cost++;
        await context.SaveChangesAsync(Stop);
    }

    private Task<WrittenShop> StartAsync(bool isPostgres) => WrittenShop.StartAsync(isPostgres ? server : null);

    private sealed class OneRetry(ExecutionStrategyDependencies dependencies) : ExecutionStrategy(dependencies, maxRetryCount: 1, TimeSpan.Zero)
    {
        protected override bool ShouldRetryOn(Exception exception) => exception is TimeoutException or DbUpdateException { InnerException: TimeoutException };
    }

    /// <summary>Fails once after a command was executed, as a lost acknowledgement.</summary>
    private sealed class FailingCommands(int after) : DbCommandInterceptor
    {
        private int _left = -1;

        public bool HasFailed { get; private set; }

        public void Begin() => _left = after;

        public override ValueTask<DbDataReader> ReaderExecutedAsync(DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            if (_left-- != 1)
                return new(result);
            HasFailed = true;
            result.Dispose();
            throw new TimeoutException("no reply");
        }
    }

    /// <summary>Ends the connection before a commit is sent.</summary>
    private sealed class KillingCommits(WrittenShop shop) : DbTransactionInterceptor
    {
        public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
            DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
        {
            await using var killer = new NpgsqlConnection(shop.ConnectionString);
            await killer.OpenAsync(cancellationToken);
            await using var command = killer.CreateCommand();
            command.CommandText = "SELECT pg_terminate_backend($1, 5000)";
            command.Parameters.Add(new NpgsqlParameter { Value = ((NpgsqlConnection)transaction.Connection!).ProcessID });
            await command.ExecuteScalarAsync(cancellationToken);
            return result;
        }
    }
}
