using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.AllQueries;

/// <summary>Executions of one query at the same time, and databases that share nothing.</summary>
[Collection<PostgresCollection>]
public sealed class SharedQueryTests(PostgresServer server)
{
    private const int Callers = 5;
    private const string Blocked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Concurrent_executions_share_one_command_and_a_cancelled_caller_does_not_end_it_for_others()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await using (var warm = shop.Open())
            await NamesAsync(warm, rating: 9, Stop);
        await using var locked = await shop.ConnectAsync();
        await using var transaction = await locked.BeginTransactionAsync(Stop);
        await using var command = locked.CreateCommand();
        command.CommandText = "LOCK TABLE \"Products\"";
        await command.ExecuteNonQueryAsync(Stop);

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var before = shop.Cache.GetStatistics();
        var first = OpenAndReadAsync(cancelled.Token);
        await BlockedAsync();
        var others = Enumerable.Range(1, Callers).Select(_ => OpenAndReadAsync(Stop)).ToArray();
        await Eventually.TrueAsync("all callers wait for the load", () => Task.FromResult(shop.Cache.GetStatistics().Misses - before.Misses == Callers + 1));
        await cancelled.CancelAsync();
        Assert.Equal(1L, await BlockedAsync());
        await transaction.RollbackAsync(Stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.All(await Task.WhenAll(others), static names => Assert.Equal(["bolt"], names));
        Assert.Equal(1, shop.Cache.GetStatistics().Loads - before.Loads);

        async Task<List<string>> OpenAndReadAsync(CancellationToken token)
        {
            await using var context = shop.Open();
            return await NamesAsync(context, rating: 3, token);
        }

        async Task<long> BlockedAsync()
        {
            await using var connection = await shop.ConnectAsync();
            await using var count = connection.CreateCommand();
            count.CommandText = Blocked;
            var blocked = 0L;
            await Eventually.TrueAsync("a query waits for the lock", async () => (blocked = (long)(await count.ExecuteScalarAsync(Stop))!) > 0);
            return blocked;
        }
    }

    [Fact]
    public async Task Databases_without_a_name_share_no_rows()
    {
        await using var services = new ServiceCollection().AddUnstale().Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        for (var products = 0; products < 3; products++)
        {
            await using var connection = new SqliteConnection("Data Source=:memory:");
            await connection.OpenAsync(Stop);
            var options = new DbContextOptionsBuilder<ShopContext>();
            options.UseSqlite(connection).UseUnstale(cache, static o => o.CacheAllQueries());
            await using var context = new ShopContext(options.Options);
            await context.Database.EnsureCreatedAsync(Stop);
            for (var id = 1; id <= products; id++)
                await context.Database.ExecuteSqlAsync($"INSERT INTO Secrets (Id, Tenant, Text) VALUES ({id}, 1, '')", Stop);
            Assert.Equal(products, await context.Secrets.CountAsync(Stop));
        }
    }

    [Fact]
    public void A_limit_below_one_row_is_refused()
    {
        var refused = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new DbContextOptionsBuilder().UseUnstale("shop", static o => o.CacheAllQueries(static queries => queries.MaximumRows = 0)));
        Assert.StartsWith("MaximumRows is 0 and must be at least 1. To cache no queries, leave out CacheAllQueries.", refused.Message, StringComparison.Ordinal);
    }

    private static Task<List<string>> NamesAsync(ShopContext context, int rating, CancellationToken token) =>
        context.Products.Where(p => p.Rating == rating).Select(static p => p.Name).ToListAsync(token);
}
