using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Executions that are recorded, and loads whose values are not stored.</summary>
public sealed class RecordingTests : IDisposable
{
    private static readonly Func<ShopContext, int, Task<int>> CountOfRating =
        EF.CompileAsyncQuery(static (ShopContext context, int rating) => context.Products.Count(p => p.Rating == rating));

    private static readonly Func<ShopContext, int, int> CountOfRatingNow = EF.CompileQuery(static (ShopContext context, int rating) => context.Products.Count(p => p.Rating == rating));

    private readonly SqliteShop _shop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Every_way_to_execute_a_query_is_recorded()
    {
        string[] counted = ["Products[Rating=2]{}"];
        Assert.Equal(counted, await _shop.RecordAsync(static context => context.Products.CountAsync(static p => p.Rating == 2, Stop)));
        Assert.Equal(counted, await RecordNowAsync(static context => Assert.Equal(0, context.Products.Count(static p => p.Rating == 2))));
        Assert.Equal(counted, await _shop.RecordAsync(static context => CountOfRating(context, 2)));
        Assert.Equal(counted, await RecordNowAsync(static context => CountOfRatingNow(context, 2)));
        string[] listed = ["Products[Rating=2]{Name}"];
        Assert.Equal(listed, await RecordNowAsync(static context => Assert.Empty(context.Products.Where(static p => p.Rating == 2).Select(static p => p.Name).ToList())));
        Assert.Equal(listed, await _shop.RecordAsync(static async context =>
        {
            await foreach (var name in context.Products.Where(static p => p.Rating == 2).Select(static p => p.Name).AsAsyncEnumerable())
                Assert.NotNull(name);
        }));
    }

    [Fact]
    public async Task An_execution_with_the_parameters_of_an_earlier_one_records_its_predicates_and_any_other_its_own()
    {
        foreach (var round in Enumerable.Range(0, 2))
        {
            for (var rating = 0; rating < 40; rating++)
            {
                int? bound = rating == 0 ? null : rating;
                Assert.Equal([$"Products[Rating={(rating == 0 ? "null" : rating)}]{{Name}}"], await NamesAsync(p => p.Rating == bound));
            }

            foreach (var price in new[] { 1.5m, 2m, 2.0m })
                Assert.Equal([$"Products[Price={price / 1.000m:0.#}]{{Name,Price}}"], await NamesAsync(p => p.Price == price));
            List<int> ids = [1, 2];
            Assert.Equal(["Products[Id=1|2]{Name}"], await NamesAsync(p => ids.Contains(p.Id)));
            ids[1] = 3; // a list with other values is not the list that was bound
            Assert.Equal(["Products[Id=1|3]{Name}"], await NamesAsync(p => ids.Contains(p.Id)));
        }

        Task<string[]> NamesAsync(Expression<Func<Product, bool>> condition) => _shop.RecordAsync(context => context.Products.Where(condition).Select(static p => p.Name));
    }

    [Fact]
    public async Task Finds_and_loaded_navigations_are_recorded()
    {
        await using (var context = _shop.Open())
        {
            context.Add(new Category { Id = 5, Products = { new Product { Id = 6 } } });
            await context.SaveChangesAsync(Stop);
        }

        Assert.Equal(
            ["Products[Id=6]{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}"],
            await _shop.RecordAsync(static async context => Assert.NotNull(await context.Products.FindAsync([6], Stop))));
        var loaded = await _shop.RecordAsync(static async context =>
        {
            var category = await context.Categories.SingleAsync(static c => c.Id == 5, Stop);
            await context.Entry(category).Collection(static c => c.Products).LoadAsync(Stop);
            Assert.Single(category.Products);
        });
        Assert.Contains(loaded, static name => name.StartsWith("Products[CategoryId=5]", StringComparison.Ordinal));
        Assert.Contains(loaded, static name => name.StartsWith("Categories[Id=5]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_value_is_removed_by_a_change_of_its_rows_and_by_no_other()
    {
        var loads = 0;
        await ReadAsync();
        await _shop.ChangeAsync(Update(rating: 3, price: 4));
        await ReadAsync();
        Assert.Equal(1, loads);
        await _shop.ChangeAsync(Update(rating: 2, price: 4));
        await ReadAsync();
        Assert.Equal(2, loads);

        async Task ReadAsync() => await _shop.Cache.GetOrCreateAsync("sum", async _ =>
        {
            loads++;
            await using var context = _shop.Open();
            return await context.Products.Where(static p => p.Rating == 2).SumAsync(static p => (double)p.Price, Stop);
        }, cancellationToken: Stop);
    }

    [Fact]
    public async Task A_tracking_query_on_a_context_that_tracked_before_is_not_stored()
    {
        await using var used = _shop.Open();
        used.Add(new Product { Id = 1, Rating = 2 });
        await used.SaveChangesAsync(Stop);
        Assert.False(await _shop.IsStoredAsync(() => used.Products.ToListAsync(Stop)));
        Assert.True(await _shop.IsStoredAsync(() => used.Products.AsNoTracking().ToListAsync(Stop)));
        Assert.True(await _shop.IsStoredAsync(() => used.Products.Select(static p => p.Name).ToListAsync(Stop)));
        Assert.True(await _shop.IsStoredAsync(async () =>
        {
            await using var own = _shop.Open();
            await own.Products.ToListAsync(Stop);
            await own.Products.Where(static p => p.Rating == 2).FirstAsync(Stop);
        }));
    }

    [Fact]
    public async Task A_query_in_an_open_transaction_is_not_stored()
    {
        await using var context = _shop.Open();
        await using (await context.Database.BeginTransactionAsync(Stop))
            Assert.False(await _shop.IsStoredAsync(() => context.Products.CountAsync(Stop)));
        Assert.True(await _shop.IsStoredAsync(() => context.Products.CountAsync(Stop)));
    }

    [Fact]
    public async Task A_query_that_depends_on_time_or_chance_is_not_stored()
    {
        await using var context = _shop.Open();
#pragma warning disable RS0030 // the clock of the database
        Assert.False(await _shop.IsStoredAsync(() => context.Products.CountAsync(static p => p.Added < DateTime.UtcNow, Stop)));
#pragma warning restore RS0030
        Assert.False(await _shop.IsStoredAsync(() => context.Products.OrderBy(static p => EF.Functions.Random()).Select(static p => p.Id).ToListAsync(Stop)));
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        Assert.True(await _shop.IsStoredAsync(() => context.Products.CountAsync(p => p.Added < now, Stop)));
        Assert.True(await _shop.IsStoredAsync(() => context.Products.CountAsync(static p => p.Added.Year == 2020, Stop)));
    }

    private Task<string[]> RecordNowAsync(Action<ShopContext> load) => _shop.RecordAsync(context =>
    {
        load(context);
        return Task.CompletedTask;
    });

    private static RowChange Update(int rating, decimal price) => new("Products", RowOperation.Update)
    {
        Old = new([new("Rating", ColumnValue.OfNumber(rating)), new("Price", ColumnValue.OfNumber(price))]),
        New = new([new("Rating", ColumnValue.OfNumber(rating)), new("Price", ColumnValue.OfNumber(price + 1))]),
        Changed = ["Price"],
    };
}
