using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Predicates of mapped hierarchies, owned types, filters, and of tables that are not known.</summary>
public sealed class MappingTests : IDisposable
{
    private const int Tables = 12;
    private readonly SqliteShop _shop = new();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_discriminator_is_a_term()
    {
        var recorded = await _shop.RecordAsync(static context => context.Set<Cat>().Where(static c => c.Lives == 9).Select(static c => c.Id));
        Assert.Equal([$"Animals[Discriminator={ColumnHash.Unkeyed.OfText("Cat")};Lives=9]{{Id}}"], recorded);
    }

    [Fact]
    public async Task A_hierarchy_of_tables_reads_each_table()
    {
        Assert.Equal(["Car[Doors=4]{Id}", "Vehicles[]{Id,Wheels}"], await _shop.RecordAsync(static context => context.Set<Car>().Where(static c => c.Doors == 4).Select(static c => c.Wheels)));
        Assert.Equal(
            ["Circle[]{Color,Id,Radius}", "Square[]{Color,Id,Side}"], await _shop.RecordAsync(static context => context.Shapes.AsNoTracking()));
        Assert.Equal(["Square[Color=2]{Side}"], await _shop.RecordAsync(static context => context.Set<Square>().Where(static s => s.Color == 2).Select(static s => s.Side)));
    }

    [Fact]
    public async Task An_owned_type_is_part_of_its_table()
    {
        var city = ColumnHash.Unkeyed.OfText("Bern");
        Assert.Equal([$"Customers[Address_City={city}]{{Address_Zip}}"], await _shop.RecordAsync(static context => context.Customers.Where(static c => c.Address.City == "Bern").Select(static c => c.Address.Zip)));
    }

    [Fact]
    public async Task A_query_filter_is_a_term_with_the_value_of_its_context()
    {
        for (var tenant = 1; tenant < 3; tenant++)
        {
            var value = tenant;
            Assert.Equal([$"Secrets[Tenant={value}]{{Text}}"], await _shop.RecordAsync(context =>
            {
                context.Tenant = value;
                return context.Secrets.Select(static s => s.Text);
            }));
        }

        Assert.Equal(["Secrets[]{Text}"], await _shop.RecordAsync(static context => context.Secrets.IgnoreQueryFilters().Select(static s => s.Text)));
    }

    [Fact]
    public async Task Tables_that_are_not_known_are_all_tables_of_the_context()
    {
        await ExpectEveryTableAsync(static context => context.Products.FromSql($"SELECT * FROM Products").Select(static p => p.Id));
        await ExpectEveryTableAsync(static context => context.Database.SqlQuery<int>($"SELECT 1 AS Value"));
        await ExpectEveryTableAsync(static context => context.Summaries);
        await ExpectEveryTableAsync(static context =>
        {
            ((SqliteConnection)context.Database.GetDbConnection()).CreateFunction("score", static (long id) => id);
            return context.Products.Where(static p => ShopContext.Score(p.Id) == 1).Select(static p => p.Id);
        });
    }

    [Fact]
    public async Task A_query_that_fails_has_read_too()
    {
        var recorded = await _shop.RecordAsync(static async context =>
        {
            await context.AddRangeAsync(new Product { Rating = 1 }, new Product { Rating = 1 });
            await context.SaveChangesAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.Products.AsNoTracking().SingleAsync(static p => p.Rating == 1));
            Assert.Throws<InvalidOperationException>(() => context.Products.AsNoTracking().Single(static p => p.Rating == 1));
        });
        Assert.StartsWith("Products[Rating=1]", Assert.Single(recorded), StringComparison.Ordinal);
    }

    private async Task ExpectEveryTableAsync<T>(Func<ShopContext, IQueryable<T>> query)
    {
        var recorded = await _shop.RecordAsync(query);
        Assert.Equal(Tables, recorded.Length);
        Assert.Contains("Lines[]{*}", recorded);
        Assert.Contains("LabelProduct[]{*}", recorded);
    }
}
