using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.AllQueries;

/// <summary>Contexts that cache all their queries.</summary>
public abstract class AllQueriesTests(PostgresServer? server)
{
    private const string RenamePast = "UPDATE \"Products\" SET \"Name\" = 'past' WHERE \"Id\" = 1";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_is_answered_without_its_command_until_another_context_changes_its_rows()
    {
        await using var shop = await CachedShop.StartAsync(server);
        Assert.Equal(["bolt"], await NamesAsync(3));
        await shop.ExecuteAsync(RenamePast);
        Assert.Equal(["bolt"], await NamesAsync(3)); // nobody reported the change, and no command was executed
        await using (var writer = shop.Open())
        {
            (await writer.Products.SingleAsync(static p => p.Id == 2, Stop)).Note = "other rows";
            await writer.SaveChangesAsync(Stop);
            Assert.Equal(["bolt"], await NamesAsync(3));
            (await writer.Products.SingleAsync(static p => p.Id == 1, Stop)).Name = "screw";
            await writer.SaveChangesAsync(Stop);
        }

        Assert.Equal(["screw"], await NamesAsync(3));
        await using (var writer = shop.Open())
            await writer.Products.Where(static p => p.Rating == 3).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "pin"), Stop);
        Assert.Equal(["pin"], await NamesAsync(3));

        async Task<List<string>> NamesAsync(int rating)
        {
            await using var context = shop.Open();
            return await context.Products.Where(p => p.Rating == rating).Select(static p => p.Name).ToListAsync(Stop);
        }
    }

    [Fact]
    public async Task A_value_of_a_load_depends_on_the_rows_that_an_Include_has_read()
    {
        await using var shop = await CachedShop.StartAsync(server);
        Assert.Equal(2, await CountAsync());
        await using (var writer = shop.Open())
        {
            writer.Add(new Product { Id = 3, Name = "gear", CategoryId = 1 });
            await writer.SaveChangesAsync(Stop);
        }

        Assert.Equal(3, await CountAsync());

        ValueTask<int> CountAsync() => shop.Cache.GetOrCreateAsync(
            "lines of tools",
            async token =>
            {
                await using var context = shop.Open();
                var categories = await context.Categories.AsNoTracking().Where(static c => c.Name == "tools").Include(static c => c.Products).ToListAsync(token);
                return categories.Single().Products.Count;
            },
            cancellationToken: Stop);
    }

    [Fact]
    public async Task Parameters_and_queries_have_results_of_their_own()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await using var context = shop.Open();
        for (var round = 0; round < 2; round++)
        {
            foreach (var (rating, count) in ((int?, int)[])[(3, 1), (4, 1), (5, 0), (null, 0)])
                Assert.Equal(count, await context.Products.CountAsync(p => p.Rating == rating, Stop));
            Assert.Equal("nut", (await context.Products.AsNoTracking().OrderByDescending(static p => p.Id).FirstAsync(Stop)).Name);
            Assert.Equal("bolt", context.Products.AsNoTracking().OrderBy(static p => p.Id).First().Name);
            Assert.Null(await context.Products.AsNoTracking().FirstOrDefaultAsync(static p => p.Id == 9, Stop));
            Assert.True(context.Products.Any(static p => p.Name == "nut"));
            int[] ids = [1, 2];
            Assert.Contains("WHERE", context.Products.AsNoTracking().Where(static p => p.Rating == 3).ToQueryString(), StringComparison.Ordinal);
            Assert.Equal(2, context.Products.Count(p => ids.Contains(p.Id)));
            ids = [2];
            Assert.Equal(1, context.Products.Count(p => ids.Contains(p.Id)));
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.Products.AsNoTracking().SingleAsync(Stop));
        }

        context.Tenant = 2;
        Assert.Equal(0, await context.Secrets.CountAsync(Stop));
        context.Add(new Secret { Id = 1, Tenant = 3 });
        await context.SaveChangesAsync(Stop);
        context.Tenant = 3;
        Assert.Equal(1, await context.Secrets.CountAsync(Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_execution_makes_objects_of_its_own_with_their_includes(bool isSplit)
    {
        await using var shop = await CachedShop.StartAsync(server);
        var first = await ReadAsync();
        await shop.ExecuteAsync(RenamePast);
        first[0].Name = "changed";
        first[0].Products[0].Name = "changed";
        first[0].Products.Clear();
        var second = await ReadAsync();
        Assert.NotSame(first[0], second[0]);
        Assert.Equal(["tools", "empty"], second.Select(static c => c.Name));
        Assert.Equal(["bolt", "nut"], second[0].Products.Select(static p => p.Name));
        Assert.Equal([1, 2], second[0].Products.Select(static p => p.Lines.Single().Quantity));
        await using var context = shop.Open();
        Assert.Equal("bolt", (await QueryOf(context).FirstAsync(Stop)).Products[0].Name); // another plan, read before the change past the cache
        Assert.Empty(context.ChangeTracker.Entries());

        async Task<List<Category>> ReadAsync()
        {
            await using var reader = shop.Open();
            await QueryOf(reader).FirstAsync(Stop);
            return await QueryOf(reader).ToListAsync(Stop);
        }

        IQueryable<Category> QueryOf(ShopContext context)
        {
            var query = context.Categories.AsNoTracking().Include(static c => c.Products.OrderBy(static p => p.Id)).ThenInclude(static p => p.Lines).OrderBy(static c => c.Id);
            return isSplit ? query.AsSplitQuery() : query.AsSingleQuery();
        }
    }

    [Fact]
    public async Task In_a_transaction_each_query_reads_what_the_transaction_sees()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await using var context = shop.Open();
        Assert.Equal(["bolt", "nut"], await NamesAsync(context));
        await using (var transaction = await context.Database.BeginTransactionAsync(Stop))
        {
            await context.Products.Where(static p => p.Id == 1).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "mine"), Stop);
            Assert.Equal(["mine", "nut"], await NamesAsync(context));
            Assert.Equal(["mine", "nut"], context.Products.OrderBy(static p => p.Id).Select(static p => p.Name).ToList());
            await transaction.RollbackAsync(Stop);
        }

        Assert.Equal(["bolt", "nut"], await NamesAsync(context));
        await using (var transaction = await context.Database.BeginTransactionAsync(Stop))
        {
            await context.Products.Where(static p => p.Id == 1).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.Name, "kept"), Stop);
            await transaction.CommitAsync(Stop);
        }

        Assert.Equal(["kept", "nut"], await NamesAsync(context));
    }

    [Fact]
    public async Task Unsaved_changes_are_in_no_result_and_saved_ones_are_in_the_next()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await using var context = shop.Open();
        Assert.Equal(["bolt", "nut"], await NamesAsync(context));
        var product = await context.Products.SingleAsync(static p => p.Id == 1, Stop);
        product.Name = "unsaved";
        Assert.Equal(["bolt", "nut"], await NamesAsync(context));
        Assert.Equal("unsaved", (await context.Products.SingleAsync(static p => p.Id == 1, Stop)).Name);
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["unsaved", "nut"], await NamesAsync(context));
    }

    [Fact]
    public async Task An_exception_of_the_database_reaches_the_caller_and_is_not_cached()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await shop.ExecuteAsync("ALTER TABLE \"Products\" RENAME TO \"Hidden\"");
        await using var context = shop.Open();
        await Assert.ThrowsAnyAsync<DbException>(() => NamesAsync(context));
        Assert.ThrowsAny<DbException>(() => context.Products.Count());
        await shop.ExecuteAsync("ALTER TABLE \"Hidden\" RENAME TO \"Products\"");
        Assert.Equal(["bolt", "nut"], await NamesAsync(context));
        Assert.Equal(2, context.Products.Count());
    }

    [Fact]
    public async Task A_cancelled_query_ends_and_the_next_one_reads()
    {
        await using var shop = await CachedShop.StartAsync(server);
        await using var context = shop.Open();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Products.CountAsync(cancelled.Token));
        Assert.Equal(2, await context.Products.CountAsync(Stop));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Products.CountAsync(cancelled.Token));
    }

    [Fact]
    public async Task Queries_that_may_differ_without_a_write_are_executed_each_time()
    {
        await using var shop = await CachedShop.StartAsync(server, static options => options.ExcludeTable("Secrets").MaximumRows = 2);
        Assert.True(await shop.IsCachedAsync(static context => context.Products.AsNoTracking().ToListAsync(Stop)));
        Assert.True(await shop.IsCachedAsync(static context => context.Products.CountAsync(Stop)));
        Assert.True(await shop.IsCachedAsync(static context => context.Products.AsNoTracking().AsAsyncEnumerable().GetAsyncEnumerator(Stop).MoveNextAsync().AsTask()));
        Assert.False(await shop.IsCachedAsync(static context => context.Products.ToListAsync(Stop)));
        Assert.False(await shop.IsCachedAsync(static context => context.Products.Where(static p => EF.Functions.Random() < 2).Select(static p => p.Id).ToListAsync(Stop)));
        Assert.False(await shop.IsCachedAsync(static context => context.Products.FromSql($"SELECT * FROM \"Products\"").AsNoTracking().ToListAsync(Stop)));
        Assert.False(await shop.IsCachedAsync(static context => context.Secrets.CountAsync(Stop)));
        Assert.False(await shop.IsCachedAsync(static context => context.Products.Where(p => context.Secrets.Any(s => s.Id == p.Id)).CountAsync(Stop)));
        Assert.False(await shop.IsCachedAsync(context => shop.Cache.GetOrCreateAsync(
            Guid.NewGuid().ToString(), async _ => await context.Products.CountAsync(Stop), cancellationToken: Stop).AsTask()));
    }

    [Fact]
    public async Task A_result_above_the_limit_is_complete_and_true()
    {
        await using var shop = await CachedShop.StartAsync(server, static options => options.MaximumRows = 1);
        await using var context = shop.Open();
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(["bolt", "nut"], await NamesAsync(context));
            Assert.Equal(["bolt", "nut"], context.Products.OrderBy(static p => p.Id).Select(static p => p.Name).ToList());
        }

        await shop.ExecuteAsync(RenamePast);
        Assert.Equal(["past", "nut"], await NamesAsync(context));
        Assert.Equal(["nut"], await context.Products.Where(static p => p.Id == 2).Select(static p => p.Name).ToListAsync(Stop));
    }

    private static Task<List<string>> NamesAsync(ShopContext context) => context.Products.OrderBy(static p => p.Id).Select(static p => p.Name).ToListAsync(Stop);
}

public sealed class SqliteAllQueriesTests() : AllQueriesTests(null);

[Collection<PostgresCollection>]
public sealed class PostgresAllQueriesTests(PostgresServer server) : AllQueriesTests(server);
