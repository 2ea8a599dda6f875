using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Predicates of sorted queries with a limit: rows behind the last one of the result are of no concern.</summary>
public sealed class LimitTests : IDisposable
{
    private const string ProductColumns = "{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}";
    private readonly SqliteShop _shop = new(hasForeignKeys: false);

    public LimitTests()
    {
        using var context = _shop.Open();
        context.AddRange(Enumerable.Range(1, 2).Select(static id => new Category { Id = id, Name = $"c{id}", Kind = id }));
        context.AddRange(Enumerable.Range(1, 6).Select(static id => new Product { Id = id, Name = $"p{id}", CategoryId = 2, Rating = id == 6 ? null : 10 * id, Added = new DateTime(2020, 1, id) }));
        context.SaveChanges();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Rows_are_read_up_to_the_last_one()
    {
        await ExpectAsync($"Products[Id<=3]{ProductColumns}", static context => context.Products.AsNoTracking().OrderBy(static p => p.Id).Take(3));
        await ExpectAsync($"Products[Id>=4]{ProductColumns}", static context => context.Products.AsNoTracking().OrderByDescending(static p => p.Id).ThenBy(static p => p.Name).Take(3));
        await ExpectAsync("Products[Id<=4]{Id,Name}", static context => context.Products.OrderBy(static p => p.Id).Select(static p => new { p.Name, p.Id }).Skip(2).Take(2));
        Assert.Equal([$"Products[Id<=1]{ProductColumns}"], await _shop.RecordAsync(static context => context.Products.AsNoTracking().OrderBy(static p => p.Id).FirstAsync(Stop)));
        Assert.Equal([$"Products[Id<=1]{ProductColumns}"], await _shop.RecordAsync(static context => Task.FromResult(context.Products.AsNoTracking().OrderBy(static p => p.Id).First())));
        Assert.Equal(["Products[Id>=6]{Id}"], await _shop.RecordAsync(static context => context.Products.OrderBy(static p => p.Id).Select(static p => p.Id).LastOrDefaultAsync(Stop)));
    }

    [Fact]
    public async Task The_last_row_narrows_a_range_of_the_query()
    {
        var (from, count) = (2, 2);
        await ExpectAsync($"Products[Id>=2<=3]{ProductColumns}", context => context.Products.AsNoTracking().Where(p => p.Id >= from).OrderBy(static p => p.Id).Take(count));
        (from, count) = (4, 1);
        await ExpectAsync($"Products[Id>=4<=4]{ProductColumns}", context => context.Products.AsNoTracking().Where(p => p.Id >= from).OrderBy(static p => p.Id).Take(count));
        await ExpectAsync($"Products[CategoryId=2;Id<=1]{ProductColumns}", static context => context.Products.AsNoTracking().Where(static p => p.CategoryId == 2).OrderBy(static p => p.Id).Take(1));
    }

    [Fact]
    public async Task Fewer_rows_than_the_limit_have_no_last_one()
    {
        await ExpectAsync($"Products[Id>=5]{ProductColumns}", static context => context.Products.AsNoTracking().Where(static p => p.Id >= 5).OrderBy(static p => p.Id).Take(3));
        await ExpectAsync($"Products[]{ProductColumns}", static context => context.Products.AsNoTracking().OrderBy(static p => p.Id).Take(7));
        await ExpectAsync("Products[Id>=9]{Id,Name}", static context => context.Products.Where(static p => p.Id >= 9).OrderBy(static p => p.Id).Select(static p => new { p.Id, p.Name }).Take(1));
        Assert.Equal([$"Products[Id>=2]{ProductColumns}"], await _shop.RecordAsync(static async context =>
        {
            await foreach (var product in context.Products.AsNoTracking().Where(static p => p.Id >= 2).OrderBy(static p => p.Id).Take(2).AsAsyncEnumerable())
            {
                Assert.Equal(2, product.Id);
                break; // the reader stops before the last row
            }
        }));
    }

    [Fact]
    public async Task A_null_that_comes_first_is_no_row_behind_the_last_one()
    {
        await ExpectAsync($"Products[(([Rating]=null) or ([Rating]<=10))]{ProductColumns}", static context => context.Products.AsNoTracking().OrderBy(static p => p.Rating).Take(2));
        await ExpectAsync($"Products[]{ProductColumns}", static context => context.Products.AsNoTracking().OrderBy(static p => p.Rating).Take(1)); // the last one is null
        await ExpectAsync($"Products[Rating>=40]{ProductColumns}", static context => context.Products.AsNoTracking().OrderByDescending(static p => p.Rating).Take(2));
        await ExpectAsync($"Products[]{ProductColumns}", static context => context.Products.AsNoTracking().OrderByDescending(static p => p.Rating).Take(6)); // the last one is null
    }

    [Fact]
    public async Task An_order_whose_values_are_not_read_or_are_not_those_of_the_row_has_no_last_one()
    {
        await ExpectAsync("Products[]{Id,Name}", static context => context.Products.OrderBy(static p => p.Id).Select(static p => p.Name).Take(2));
        await ExpectAsync($"Products[]{ProductColumns}", static context => context.Products.AsNoTracking().OrderBy(static p => p.Name).Take(2)); // texts have no order
        await ExpectAsync($"Products[]{ProductColumns}", static context => context.Products.OrderBy(static p => p.Id).Take(2)); // a tracked product may have another value
        await ExpectAsync("Products[]{Id}", static context => context.Products.OrderBy(static p => p.Id % 3).Select(static p => p.Id).Take(2));
        await ExpectAsync("Products[]{Added,Id}", static context => context.Products.Select(static p => new { p.Added, p.Id }).Distinct().OrderBy(static p => p.Id).Take(2));
    }

    [Fact]
    public async Task A_joined_table_is_read_up_to_the_last_row_only_if_its_column_orders_the_rows()
    {
        await ExpectAsync(
            ["Categories[]{Id,Name}", "Products[Id<=2]{CategoryId,Id}"],
            static context => context.Products.Join(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Id, c.Name }).OrderBy(static x => x.Id).Take(2));
        await ExpectAsync(
            ["Categories[Id=2]{Id,Name}", "Products[Id<=2]{CategoryId,Id}"],
            static context => context.Products.OrderBy(static p => p.Id).Select(static p => new { p.Id, p.CategoryId, p.Category!.Name }).Take(2));
        await ExpectAsync(
            ["Categories[Id=2]{Id,Kind,Name}", $"Products[Id>=5]{ProductColumns}"],
            static context => context.Products.AsNoTracking().Include(static p => p.Category).OrderByDescending(static p => p.Id).Take(2));
        await ExpectAsync( // a row for each line
            ["Lines[ProductId=1|2]{Id,ProductId,Quantity}", $"Products[]{ProductColumns}"],
            static context => context.Products.AsNoTracking().Include(static p => p.Lines).OrderBy(static p => p.Id).Take(2));
        await ExpectAsync( // Kind is null in a row without a category
            ["Categories[]{Id,Kind}", "Products[]{CategoryId}"],
            static context => context.Products.OrderByDescending(static p => p.Category!.Kind).Select(static p => new { p.CategoryId, Kind = (int?)p.Category!.Kind }).Take(2));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public async Task A_change_during_the_load_is_compared_with_the_last_row(int id, bool isStored)
    {
        RowChange change = new("Products", RowOperation.Insert) { New = new([new("Id", ColumnValue.OfNumber(id))]) };
        Assert.Equal(isStored, await _shop.IsStoredAsync(async () =>
        {
            await using var context = _shop.Open();
            await context.Products.AsNoTracking().OrderBy(static p => p.Id).Take(2).ToListAsync(Stop);
            await _shop.ChangeAsync(change);
        }));
    }

    private async Task ExpectAsync<T>(string expected, Func<ShopContext, IQueryable<T>> query) => await ExpectAsync([expected], query);

    private async Task ExpectAsync<T>(string[] expected, Func<ShopContext, IQueryable<T>> query) => Assert.Equal(expected, await _shop.RecordAsync(query));
}
