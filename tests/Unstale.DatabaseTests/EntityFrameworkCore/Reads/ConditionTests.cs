using Microsoft.EntityFrameworkCore;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Conditions of one table and the terms that they become.</summary>
public sealed class ConditionTests : IDisposable
{
    private static readonly string Bolt = ColumnHash.Unkeyed.OfText("bolt").ToString();
    private readonly SqliteShop _shop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_condition_on_a_column_is_a_term_and_a_projected_column_is_affecting()
    {
        var category = 3;
        await ExpectAsync("Products[CategoryId=3]{Id,Name}", static (products, category) => products.Where(p => p.CategoryId == category).Select(static p => new { p.Id, p.Name }), category);
        await ExpectAsync("Products[Id=3]{Name}", static (products, id) => products.Where(p => p.Id == id).Select(static p => p.Name), 3);
        await ExpectAsync("Products[CategoryId=7]{Name}", static products => products.Where(static p => p.CategoryId == 7).Select(static p => p.Name));
    }

    [Fact]
    public async Task A_null_parameter_and_a_null_in_a_list_match_null()
    {
        await ExpectAsync("Products[CategoryId=null]{Name}", static (products, category) => products.Where(p => p.CategoryId == category).Select(static p => p.Name), (int?)null);
        await ExpectAsync("Products[CategoryId=4|null]{Name}", static (products, list) => products.Where(p => list.Contains(p.CategoryId)).Select(static p => p.Name), new List<int?> { 4, null });
        await ExpectAsync("Products[CategoryId=null]{Name}", static products => products.Where(static p => p.CategoryId == null).Select(static p => p.Name));
        await ExpectAsync("Products[(not ([CategoryId]=null))]{Name}", static products => products.Where(static p => p.CategoryId != null).Select(static p => p.Name));
    }

    [Fact]
    public async Task The_parameters_of_each_execution_are_bound()
    {
        for (var rating = 1; rating < 4; rating++)
            await ExpectAsync($"Products[Rating={rating}]{{Name}}", static (products, rating) => products.Where(p => p.Rating == rating).Select(static p => p.Name), (int?)rating);
    }

    [Fact]
    public async Task A_range_has_both_bounds_of_a_column_with_an_order()
    {
        await ExpectAsync("Products[Price>=20<=40.5;([Price]<40.5)]{Name}", static (products, high) => products.Where(p => p.Price >= 20 && p.Price < high).Select(static p => p.Name), 40.50m);
        await ExpectAsync("Products[Rating>=3]{Name}", static (products, low) => products.Where(p => low <= p.Rating).Select(static p => p.Name), 3);
        await ExpectAsync("Products[Price<=3]{Name}", static (products, high) => products.Where(p => p.Price <= high).Select(static p => p.Name), 3m);
        await ExpectAsync("Products[Status<=1]{Name}", static (products, high) => products.Where(p => p.Status <= high).Select(static p => p.Name), Status.Sold);
        await ExpectAsync("Products[Added>=@63000000000000000;(@63000000000000000<=?[Added])]{Name}", static (products, low) => products.Where(p => p.Added >= low).Select(static p => p.Name), new DateTime(630_000_000_000_000_000, DateTimeKind.Utc));
        await ExpectAsync("Products[]{Name}", static (products, low) => products.Where(p => string.Compare(p.Name, low) > 0).Select(static p => p.Name), "bolt");
    }

    [Fact]
    public async Task An_excluded_bound_is_included_and_a_residual_excludes_it()
    {
        await ExpectAsync("Products[Rating>=3;(3<[Rating])]{Name}", static (products, low) => products.Where(p => p.Rating > low).Select(static p => p.Name), 3);
        await ExpectAsync("Products[Price=3]{Name,Price}", static (products, price) => products.Where(p => p.Price == price).Select(static p => p.Name), 3.0m); // 3.0 and 3.00 are two texts of SQLite
    }

    [Fact]
    public async Task Booleans_enumerations_and_texts_are_terms()
    {
        await ExpectAsync("Products[IsActive=1]{Name}", static products => products.Where(static p => p.IsActive).Select(static p => p.Name));
        await ExpectAsync("Products[IsActive=0]{Name}", static products => products.Where(static p => !p.IsActive).Select(static p => p.Name));
        await ExpectAsync("Products[Status=2]{Name}", static (products, status) => products.Where(p => p.Status == status).Select(static p => p.Name), Status.Gone);
        await ExpectAsync("Products[Status=1]{Name}", static products => products.Where(static p => p.Status == Status.Sold).Select(static p => p.Name));
        await ExpectAsync($"Products[Name={Bolt}]{{Id}}", static (products, name) => products.Where(p => p.Name == name).Select(static p => p.Id), "bolt");
        await ExpectAsync($"Products[Note={Bolt}]{{Id}}", static (products, name) => products.Where(p => p.Note == name).Select(static p => p.Id), "BOLT");
    }

    [Fact]
    public async Task A_condition_with_known_operators_is_a_residual()
    {
        await ExpectAsync("Products[(([CategoryId]=1) or ([Rating]=2))]{Name}", static products => products.Where(static p => p.CategoryId == 1 || p.Rating == 2).Select(static p => p.Name));
        await ExpectAsync("Products[(not ([Rating]=4))]{Name}", static (products, rating) => products.Where(p => p.Rating != rating).Select(static p => p.Name), (int?)4);
        await ExpectAsync("Products[(not ([Rating]=null))]{Name}", static (products, rating) => products.Where(p => p.Rating != rating).Select(static p => p.Name), (int?)null);
        await ExpectAsync("Products[([Rating]=[Id])]{Name}", static products => products.Where(static p => p.Rating == p.Id).Select(static p => p.Name));
        await ExpectAsync("Products[(not ([Rating]=[CategoryId]))]{Name}", static products => products.Where(static p => p.Rating != p.CategoryId).Select(static p => p.Name));
        await ExpectAsync("Products[([Rating]<[Id])]{Name}", static products => products.Where(static p => p.Id > p.Rating).Select(static p => p.Name));
        await ExpectAsync("Products[({[Rating] + 1}=[CategoryId])]{Name}", static products => products.Where(static p => p.Rating + 1 == p.CategoryId).Select(static p => p.Name));
        await ExpectAsync("Products[({[Id] % 5}=0)]{Name}", static (products, divisor) => products.Where(p => p.Id % divisor == 0).Select(static p => p.Name), 5);
        await ExpectAsync(
            "Products[((not (([CategoryId]=1) or ([CategoryId]=null))) or (([IsActive]=1) and (not ([Price]=?2))))]{Name}",
            static (products, list) => products.Where(p => !list.Contains(p.CategoryId) || (p.IsActive && p.Price != 2)).Select(static p => p.Name),
            new List<int?> { 1, null });
        await ExpectAsync($"Products[((not ([Name]={Bolt})) or ([Note]={Bolt}))]{{Id}}", static products => products.Where(static p => p.Name != "bolt" || p.Note == "BOLT").Select(static p => p.Id));
        await ExpectAsync("Products[(not (3<[Price]))]{Name}", static products => products.Where(static p => !(p.Price > 3)).Select(static p => p.Name));
    }

    [Fact]
    public async Task A_residual_behind_a_left_join_rejects_null()
    {
        var joined = (ShopContext context) => context.Products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Name, c });
        var (one, other) = (1, 3);
        Assert.Contains("Categories[(([Kind]=1) or ([Kind]=3))]{Id}", await _shop.RecordAsync(context => joined(context).Where(x => x.c!.Kind == one || x.c.Kind == other).Select(static x => x.Name)));
        Assert.Contains("Categories[]{Id,Kind}", await _shop.RecordAsync(context => joined(context).Where(x => x.c!.Kind != one).Select(static x => x.Name)));
    }

    [Fact]
    public async Task A_condition_that_is_neither_makes_its_columns_affecting()
    {
        await ExpectAsync("Products[]{Id,Name}", static products => products.Where(static p => p.Name.StartsWith("bo")).Select(static p => p.Id));
        await ExpectAsync("Products[]{Id,Name,Rating}", static products => products.Where(static p => p.Rating == 1 || p.Name.StartsWith("bo")).Select(static p => p.Id));
        await ExpectAsync("Products[Rating=1]{Name,Price}", static products => products.Where(static p => p.Rating == 1 && p.Price * 2 > 10).Select(static p => p.Name));
        await ExpectAsync("Products[]{Id,Note}", static products => products.Where(static p => EF.Functions.Collate(p.Note, "RTRIM") == "x").Select(static p => p.Id));
        await ExpectAsync("Products[]{Id,Name,Note}", static products => products.Where(static p => p.Name == p.Note).Select(static p => p.Id)); // of two collations
        await ExpectAsync("Products[]{Name,Rating}", static (products, list) => products.Where(p => !list.Contains(p.Rating)).Select(static p => p.Name), Enumerable.Range(0, 300).Select(static i => (int?)i).ToList());
    }

    [Fact]
    public async Task Orders_groups_aggregates_and_conditions_on_groups_make_their_columns_affecting()
    {
        await ExpectAsync("Products[CategoryId=1]{Name,Rating}", static products => products.Where(static p => p.CategoryId == 1).OrderBy(static p => p.Rating).Take(3).Select(static p => p.Name));
        await ExpectAsync("Products[IsActive=1]{CategoryId,Price}", static products => products.Where(static p => p.IsActive).GroupBy(static p => p.CategoryId).Select(static g => new { g.Key, Max = g.Max(static p => p.Price) }));
        await ExpectAsync("Products[]{CategoryId,Rating}", static products => products.GroupBy(static p => p.CategoryId).Where(static g => g.Max(static p => p.Rating) == 3).Select(static g => g.Key));
        await ExpectAsync("Products[]{CategoryId,Status}", static products => products.GroupBy(static p => p.CategoryId).Select(static g => g.Count(static p => p.Status == Status.Sold)));
    }

    [Fact]
    public async Task Counts_and_existence_have_no_affecting_columns()
    {
        Assert.Equal(["Products[Rating=2]{}"], await _shop.RecordAsync(static context => context.Products.CountAsync(static p => p.Rating == 2, Stop)));
        Assert.Equal(["Products[Rating=2]{}"], await _shop.RecordAsync(static context => context.Products.AnyAsync(static p => p.Rating == 2, Stop)));
        Assert.Equal(["Products[(not ([Rating]=2))]{}"], await _shop.RecordAsync(static context => context.Products.AllAsync(static p => p.Rating == 2, Stop)));
        Assert.Equal(["Products[Status=0]{Price}"], await _shop.RecordAsync(static context => context.Products.Where(static p => p.Status == Status.Draft).SumAsync(static p => (double)p.Price, Stop)));
    }

    [Fact]
    public async Task A_list_above_the_maximum_is_dropped()
    {
        await ExpectAsync("Products[]{Name,Rating}", static (products, list) => products.Where(p => list.Contains(p.Rating)).Select(static p => p.Name), Enumerable.Range(0, 300).Select(static i => (int?)i).ToList());
        await ExpectAsync("Products[Rating=1|2]{Name}", static products => products.Where(static p => p.Rating == 1 || p.Rating == 2).Select(static p => p.Name));
    }

    [Fact]
    public async Task With_the_nulls_of_sql_a_null_drops_the_condition()
    {
        using var shop = new SqliteShop(static options => options.UseSqlite(static sqlite => sqlite.UseRelationalNulls()));
        int? none = null;
        var list = new List<int?> { 4, null };
        Assert.Equal(["Products[]{CategoryId,Id}"], await shop.RecordAsync(context => context.Products.Where(p => p.CategoryId == none).Select(static p => p.Id)));
        Assert.Equal(["Products[]{CategoryId,Id}"], await shop.RecordAsync(context => context.Products.Where(p => list.Contains(p.CategoryId)).Select(static p => p.Id)));
        Assert.Equal(["Products[]{CategoryId,Id}"], await shop.RecordAsync(static context => context.Products.Where(static p => p.CategoryId != 3).Select(static p => p.Id)));
        Assert.Equal(["Products[CategoryId=3]{Id}"], await shop.RecordAsync(static context => context.Products.Where(static p => p.CategoryId == 3).Select(static p => p.Id)));
    }

    private async Task ExpectAsync<T>(string expected, Func<IQueryable<Product>, IQueryable<T>> query) =>
        Assert.Equal([expected], await _shop.RecordAsync(context => query(context.Products)));

    private async Task ExpectAsync<TValue, T>(string expected, Func<IQueryable<Product>, TValue, IQueryable<T>> query, TValue value) =>
        Assert.Equal([expected], await _shop.RecordAsync(context => query(context.Products, value)));
}
