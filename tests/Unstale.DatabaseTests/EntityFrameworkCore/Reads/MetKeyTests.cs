using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Predicates of tables whose rows a query finds by the keys of all rows of another table.</summary>
public sealed class MetKeyTests : IDisposable
{
    private const string ProductColumns = "{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}";
    private readonly SqliteShop _shop = new(hasForeignKeys: false);

    public MetKeyTests()
    {
        using var context = _shop.Open();
        context.AddRange(Enumerable.Range(1, 4).Select(static id => new Category { Id = id, Name = $"c{id}", Kind = id % 2 }));
        context.AddRange(Enumerable.Range(1, 6).Select(static id => new Product { Id = id, Name = $"p{id}", CategoryId = id == 6 ? null : id + 1, Rating = id }));
        context.SaveChanges();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_collection_is_read_by_the_keys_of_all_parents(bool isSplit)
    {
        // Category 1 has no product: the first one must be found.
        await ReadsAsync("CategoryId=1|3", context => context.Categories.Where(static c => c.Kind == 1).Include(static c => c.Products));
        await ReadsAsync("CategoryId=", context => context.Categories.Where(static c => c.Kind == 9).Include(static c => c.Products));
        await ReadsAsync("CategoryId=1|2", context => context.Categories.OrderBy(static c => c.Name).Take(2).Select(static c => new { c.Id, c.Products }));
        Assert.Contains(
            $"Products[CategoryId=1]{ProductColumns}",
            await _shop.RecordAsync(context => Split(context.Categories.OrderBy(static c => c.Id).Include(static c => c.Products), isSplit).FirstAsync(Stop)));
        Assert.Contains(
            $"Products[CategoryId=1|2|3|4]{ProductColumns}",
            await _shop.RecordAsync(context => Task.FromResult(Split(context.Categories.Include(static c => c.Products), isSplit).ToList())));

        async Task ReadsAsync<T>(string keys, Func<ShopContext, IQueryable<T>> query)
            where T : class =>
            Assert.Contains(await _shop.RecordAsync(context => Split(query(context), isSplit)), name => name.StartsWith($"Products[{keys}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reference_is_read_by_the_keys_of_all_rows_without_null()
    {
        await ExpectAsync(["Categories[Id=2|3|4|5|6]{Id,Kind,Name}", $"Products[]{ProductColumns}"], static context => context.Products.AsNoTracking().Include(static p => p.Category));
        await ExpectAsync(["Categories[]{Id,Kind,Name}", $"Products[]{ProductColumns}"], static context => context.Products.Include(static p => p.Category)); // a tracked product may have another key
        await ExpectAsync(
            ["Categories[Id=6]{Id,Name}", "Products[Rating>=5]{CategoryId,Id}"],
            static context => context.Products.Where(static p => p.Rating >= 5).LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Id, p.CategoryId, c!.Name }));
        await ExpectAsync(
            ["Categories[Id=6]{Id,Kind}", "Products[Rating>=5]{CategoryId,Id}"],
            static context => context.Products.Where(static p => p.Rating >= 5).OrderBy(static p => p.Category!.Kind).Select(static p => new { p.Id, p.CategoryId }));
    }

    [Fact]
    public async Task Rows_up_to_a_limit_meet_their_keys()
    {
        Assert.Equal(
            ["Categories[Id=2]{Id,Kind,Name}", $"Products[Id=1]{ProductColumns}"],
            await _shop.RecordAsync(static context => context.Products.AsNoTracking().Include(static p => p.Category).FirstOrDefaultAsync(static p => p.Id == 1, Stop)));
        await ExpectAsync(["Categories[Id=2|3]{Id,Name}", "Products[Id<=2]{CategoryId,Id}"], static context => context.Products.OrderBy(static p => p.Id).Select(static p => new { p.Id, p.CategoryId, p.Category!.Name }).Take(2));
    }

    [Fact]
    public async Task Rows_that_the_far_side_filters_or_that_a_limit_skips_meet_no_keys()
    {
        var joined = (ShopContext context) => context.Products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Id, p.CategoryId, c });
        await ExpectAsync(["Categories[Kind=1]{Id}", "Products[]{CategoryId,Id}"], context => joined(context).Where(static x => x.c!.Kind == 1).Select(static x => new { x.Id, x.CategoryId }));
        await ExpectAsync(["Categories[]{Id,Kind}", "Products[]{CategoryId,Id}"], context => joined(context).OrderBy(static x => x.c!.Kind).Select(static x => new { x.Id, x.CategoryId }).Take(2));
        await ExpectAsync(["Categories[]{Id,Name}", "Products[Id<=3]{CategoryId,Id}"], context => joined(context).OrderBy(static x => x.Id).Select(static x => new { x.Id, x.CategoryId, x.c!.Name }).Skip(1).Take(2));
        await ExpectAsync(["Categories[]{Id,Name}", "Products[]{CategoryId,Id}"], static context => context.Products.Join(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Id, p.CategoryId, c.Name }));
        await ExpectAsync(["Categories[]{Id,Name}", "Products[]{CategoryId,Id}"], context => joined(context).Select(static x => new { x.Id, x.c!.Name })); // the key is not read
        var filtered = await _shop.RecordAsync(static context => context.Categories.AsNoTracking().Include(static c => c.Products.OrderBy(static p => p.Rating).Take(1)));
        Assert.Contains(filtered, static name => name.StartsWith("Products[]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rows_that_are_not_read_to_their_end_meet_no_keys()
    {
        string[] all = [$"Categories[]{{Id,Kind,Name}}", $"Products[]{ProductColumns}"];
        Assert.Equal(all, await _shop.RecordAsync(static async context =>
        {
            await foreach (var category in context.Categories.AsNoTracking().Include(static c => c.Products).AsAsyncEnumerable())
            {
                Assert.NotEmpty(category.Name);
                break;
            }
        }));
        Assert.Equal(all, await _shop.RecordAsync(static context => Task.FromResult(context.Categories.AsNoTracking().Include(static c => c.Products).AsEnumerable().First())));
        await Assert.ThrowsAsync<InvalidOperationException>(() => _shop.RecordAsync(static context => context.Categories.AsNoTracking().Include(static c => c.Products).SingleAsync(Stop)));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(2, true)]
    public async Task A_change_during_the_load_is_compared_with_the_keys(int category, bool isStored)
    {
        RowChange change = new("Products", RowOperation.Insert) { New = new([new("CategoryId", ColumnValue.OfNumber(category))]) };
        Assert.Equal(isStored, await _shop.IsStoredAsync(async () =>
        {
            await using var context = _shop.Open();
            await context.Categories.Where(static c => c.Kind == 1).Include(static c => c.Products).ToListAsync(Stop);
            await _shop.ChangeAsync(change);
        }));
    }

    [Fact]
    public async Task More_keys_than_the_maximum_are_dropped()
    {
        await using (var context = _shop.Open())
        {
            context.AddRange(Enumerable.Range(10, RowPredicate.MostValues).Select(static id => new Category { Id = id, Name = $"c{id}", Kind = 7 }));
            await context.SaveChangesAsync(Stop);
        }

        var seven = await _shop.RecordAsync(static context => context.Categories.AsNoTracking().Where(static c => c.Kind == 7).Include(static c => c.Products));
        Assert.Contains($"Products[CategoryId={string.Join('|', Enumerable.Range(10, RowPredicate.MostValues).Select(static id => $"{id}").Order(StringComparer.Ordinal))}]{ProductColumns}", seven);
        Assert.Contains($"Products[]{ProductColumns}", await _shop.RecordAsync(static context => context.Categories.AsNoTracking().Include(static c => c.Products)));
    }

    [Fact]
    public async Task Each_execution_meets_its_own_keys_and_a_query_outside_a_load_none()
    {
        for (var kind = 0; kind < 2; kind++)
        {
            var bound = kind;
            await ExpectAsync(
                [$"Categories[Kind={kind}]{{Id,Kind,Name}}", $"Products[CategoryId={(kind == 0 ? "2|4" : "1|3")}]{ProductColumns}"],
                context => context.Categories.AsNoTracking().Where(c => c.Kind == bound).Include(static c => c.Products));
        }

        await using var context = _shop.Open();
        Assert.Equal(4, (await context.Categories.Include(static c => c.Products).ToListAsync(Stop)).Count);
    }

    [Fact]
    public async Task A_query_of_rows_with_keys_has_its_text()
    {
        var text = "";
        await _shop.RecordAsync(context =>
        {
            text = context.Categories.Include(static c => c.Products).ToQueryString();
            return Task.CompletedTask;
        });
        Assert.Contains("LEFT JOIN", text, StringComparison.Ordinal);
    }

    private static IQueryable<T> Split<T>(IQueryable<T> query, bool isSplit)
        where T : class => isSplit ? query.AsSplitQuery() : query;

    private async Task ExpectAsync<T>(string[] expected, Func<ShopContext, IQueryable<T>> query) => Assert.Equal(expected, await _shop.RecordAsync(query));
}
