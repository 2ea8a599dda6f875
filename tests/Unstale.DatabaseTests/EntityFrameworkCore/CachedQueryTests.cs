using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore;

public sealed class CachedQueryTests : IDisposable
{
    private readonly SqliteShop _shop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_list_is_read_once_until_one_of_its_rows_changes()
    {
        await AddAsync("bolt", 3);
        Assert.Equal(["bolt"], await NamesAsync(3));
        await ExecuteAsync("UPDATE Products SET Name = 'nut'");
        Assert.Equal(["bolt"], await NamesAsync(3)); // nobody reported the change
        await _shop.ChangeAsync(Renamed(rating: 4));
        Assert.Equal(["bolt"], await NamesAsync(3));
        await _shop.ChangeAsync(Renamed(rating: 3));
        Assert.Equal(["nut"], await NamesAsync(3));
        Assert.Empty(await NamesAsync(4));

        async Task<List<string>> NamesAsync(int rating)
        {
            await using var context = _shop.Open();
            return await context.Products.Where(p => p.Rating == rating).Select(static p => p.Name).ToCachedListAsync(cancellationToken: Stop);
        }
    }

    [Fact]
    public async Task Different_queries_parameters_and_parts_have_different_keys()
    {
        await AddAsync("bolt", 3);
        await AddAsync("nut", 4);
        await using var context = _shop.Open();
        Assert.Equal(2, await context.Products.CachedCountAsync(cancellationToken: Stop));
        Assert.Equal(1, await context.Products.Where(static p => p.Rating == 3).CachedCountAsync(cancellationToken: Stop));
        Assert.Equal(1, await context.Products.Where(static p => p.Rating == 4).Select(static p => p.Id).CachedCountAsync(cancellationToken: Stop));
        Assert.Equal("bolt", (await context.Products.OrderBy(static p => p.Name).CachedFirstOrDefaultAsync(cancellationToken: Stop))!.Name);
        Assert.Equal("nut", (await context.Products.OrderByDescending(static p => p.Name).CachedFirstOrDefaultAsync(cancellationToken: Stop))!.Name);
        Assert.Null(await context.Products.Where(static p => p.Rating == 9).CachedFirstOrDefaultAsync(cancellationToken: Stop));
        List<string> names = ["nut"];
        Assert.Equal(1, await context.Products.Where(p => names.Contains(p.Name)).CachedCountAsync(cancellationToken: Stop));
        names.Add("bolt");
        Assert.Equal(2, await context.Products.Where(p => names.Contains(p.Name)).CachedCountAsync(cancellationToken: Stop));
        context.Tenant = 2;
        Assert.Equal(0, await context.Secrets.CachedCountAsync(cancellationToken: Stop));
        await ExecuteAsync("INSERT INTO Secrets (Tenant, Text) VALUES (3, 'x')");
        context.Tenant = 3;
        Assert.Equal(1, await context.Secrets.CachedCountAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task Results_are_not_tracked_and_have_their_includes()
    {
        await AddAsync("bolt", 3);
        await ExecuteAsync("INSERT INTO Lines (ProductId, Quantity) SELECT Id, 7 FROM Products");
        await using var context = _shop.Open();
        var plain = Assert.Single(await context.Products.AsSplitQuery().ToCachedListAsync(cancellationToken: Stop));
        var product = Assert.Single(await context.Products.Include(static p => p.Lines).AsSplitQuery().ToCachedListAsync(cancellationToken: Stop));
        Assert.Empty(plain.Lines);
        Assert.Equal(7, Assert.Single(product.Lines).Quantity);
        Assert.Empty(context.ChangeTracker.Entries());
    }

    [Fact]
    public async Task In_a_transaction_of_the_context_each_call_reads()
    {
        await using var context = _shop.Open();
        Assert.Equal(0, await context.Products.CachedCountAsync(cancellationToken: Stop));
        await using var transaction = await context.Database.BeginTransactionAsync(Stop);
        await context.Database.ExecuteSqlAsync($"INSERT INTO Products (Name, Price, IsActive, Added, Status) VALUES ('a', '1.0', 1, '2020-01-01 00:00:00', 0)", Stop);
        Assert.Equal(1, await context.Products.CachedCountAsync(cancellationToken: Stop));
    }

    [Fact]
    public async Task A_query_without_a_key_is_refused()
    {
        await using var context = _shop.Open();
        var marker = new Uri("unstale:1");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => context.Products.Select(p => Describe(p.Id, marker)).ToCachedListAsync(cancellationToken: Stop));
        Assert.Contains("is of type System.Uri, whose values have no text for a key", refused.Message, StringComparison.Ordinal);
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => new[] { 1 }.AsQueryable().ToCachedListAsync(cancellationToken: Stop));
        Assert.Contains("not a query of a context with UseUnstale", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=private;Mode=Memory")]
    public async Task A_database_that_one_connection_has_to_itself_has_results_of_its_own(string connectionString)
    {
        for (var products = 1; products <= 2; products++)
        {
            await using var connection = new SqliteConnection(connectionString);
            await connection.OpenAsync(Stop);
            var builder = new DbContextOptionsBuilder<ShopContext>().UseSqlite(connection);
            builder.UseUnstale(_shop.Cache);
            await using (var context = new ShopContext(builder.Options))
            {
                await context.Database.EnsureCreatedAsync(Stop);
                context.AddRange(Enumerable.Range(1, products).Select(static id => new Product { Id = id, Name = $"p{id}" }));
                await context.SaveChangesAsync(Stop);
                Assert.Equal(products, await context.Products.CachedCountAsync(cancellationToken: Stop));
            }

            await using var again = new ShopContext(builder.Options);
            var before = _shop.Cache.GetStatistics().Hits;
            Assert.Equal(products, await again.Products.CachedCountAsync(cancellationToken: Stop));
            Assert.Equal(before + 1, _shop.Cache.GetStatistics().Hits);
        }
    }

    private static string Describe(int id, Uri marker) => $"{id} {marker}";

    private static RowChange Renamed(int rating) => new("Products", RowOperation.Update)
    {
        Old = new([new("Rating", ColumnValue.OfNumber(rating))]),
        New = new([new("Rating", ColumnValue.OfNumber(rating))]),
        Changed = ["Name"],
    };

    private async Task AddAsync(string name, int rating) =>
        await ExecuteAsync($"INSERT INTO Products (Name, Rating, Price, IsActive, Added, Status) VALUES ('{name}', {rating}, '1.0', 1, '2020-01-01 00:00:00', 0)");

    private async Task ExecuteAsync(string sql)
    {
        await using var context = _shop.Open();
        await using var connection = new SqliteConnection(context.Database.GetConnectionString());
        await connection.OpenAsync(Stop);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the text contains names of the model only
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Stop);
    }
}
