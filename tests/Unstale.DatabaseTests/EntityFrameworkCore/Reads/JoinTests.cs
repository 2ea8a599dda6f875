using Microsoft.EntityFrameworkCore;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Predicates of queries over several tables.</summary>
public sealed class JoinTests : IDisposable
{
    private readonly SqliteShop _shop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task A_constant_is_carried_across_the_equality_of_a_join()
    {
        await ExpectAsync(
            ["Categories[Id=3]{Id,Name}", "Products[CategoryId=3]{CategoryId,Name}"],
            static context => context.Products.Where(static p => p.CategoryId == 3).Join(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Name, Category = c.Name }));
        await ExpectAsync(
            ["Categories[Id=3]{Id,Name}", "Products[CategoryId=3]{CategoryId,Id,Name}"],
            static context => context.Categories.Where(static c => c.Id == 3).Select(static c => new { c.Name, Products = c.Products.Select(static p => p.Name).ToList() }));
    }

    [Fact]
    public async Task Columns_of_a_join_are_affecting_and_conditions_are_terms_of_their_tables()
    {
        await ExpectAsync(
            ["Categories[Kind=2]{Id,Name}", "Products[Rating=4]{CategoryId,Name}"],
            static context => context.Products.Where(static p => p.Rating == 4 && p.Category!.Kind == 2).Select(static p => new { p.Name, Category = p.Category!.Name }));
    }

    [Fact]
    public async Task The_condition_of_a_left_join_filters_its_nullable_side_alone()
    {
        var recorded = await _shop.RecordAsync(static context => context.Products.LeftJoin(
            context.Categories.Where(static c => c.Kind == 2), static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Name, Category = c!.Name }));
        Assert.Equal(["Categories[Kind=2]{Id,Name}", "Products[]{CategoryId,Name}"], recorded);
        await ExpectAsync(
            ["Categories[]{Id,Name}", "Products[]{CategoryId,Name,Rating}"],
            static context => context.Products.LeftJoin(
                context.Categories, static p => new { Id = p.CategoryId, Rating = p.Rating }, static c => new { Id = (int?)c.Id, Rating = (int?)3 }, static (p, c) => new { p.Name, Category = c!.Name }));
    }

    [Fact]
    public async Task A_null_behind_a_left_join_is_no_term()
    {
        await ExpectAsync(
            ["Categories[]{Id,Kind}", "Products[]{CategoryId,Name}"],
            static context => context.Products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p, c }).Where(static x => x.c == null || x.c.Kind == 3).Select(static x => x.p.Name));
        await ExpectAsync(
            ["Categories[]{Id}", "Products[]{CategoryId,Name}"],
            static context => context.Products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p, c }).Where(static x => x.c == null).Select(static x => x.p.Name));
        await ExpectAsync(
            ["Categories[Kind=3]{Id}", "Products[]{CategoryId,Name}"],
            static context => context.Products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p, c }).Where(static x => x.c!.Kind == 3).Select(static x => x.p.Name));
    }

    [Fact]
    public async Task Each_occurrence_of_a_table_has_a_predicate()
    {
        await ExpectAsync(
            ["Products[Rating=1]{Name,ParentId}", "Products[Rating=5]{Id,Name}"],
            static context => context.Products.Where(static p => p.Rating == 1 && p.Parent!.Rating == 5).Select(static p => new { p.Name, Parent = p.Parent!.Name }));
    }

    [Fact]
    public async Task Correlated_columns_are_affecting_and_conditions_of_a_subquery_are_terms()
    {
        await ExpectAsync(
            ["Lines[Quantity=7]{ProductId}", "Products[Rating=1]{Id,Name}"],
            static context => context.Products.Where(static p => p.Rating == 1 && p.Lines.Any(static l => l.Quantity == 7)).Select(static p => p.Name));
        await ExpectAsync(
            ["Lines[Quantity=7]{ProductId}", "Products[]{Id,Name}"],
            static context => context.Products.Where(static p => !p.Lines.Any(static l => l.Quantity == 7)).Select(static p => p.Name));
        await ExpectAsync(
            ["Categories[Kind=1]{Id}", "Products[]{CategoryId,Name}"],
            static context => context.Products.Where(p => context.Categories.Where(static c => c.Kind == 1).Select(static c => (int?)c.Id).Contains(p.CategoryId)).Select(static p => p.Name));
        await ExpectAsync(
            ["Lines[ProductId=4]{ProductId}", "Products[Id=4]{Id,Name}"],
            static context => context.Products.Where(static p => p.Id == 4).Select(static p => new { p.Name, Lines = p.Lines.Count }));
    }

    [Fact]
    public async Task A_condition_behind_a_limit_is_no_term()
    {
        await ExpectAsync(
            ["Products[Rating=1]{Id,Name,Status}"],
            static context => context.Products.Where(static p => p.Rating == 1).OrderBy(static p => p.Id).Take(5).Where(static p => p.Status == Status.Sold).Select(static p => p.Name));
    }

    [Fact]
    public async Task Set_operations_read_both_sides()
    {
        await ExpectAsync(
            ["Products[Rating=1]{Name}", "Products[Rating=2]{Name}"],
            static context => context.Products.Where(static p => p.Rating == 1).Select(static p => p.Name).Union(context.Products.Where(static p => p.Rating == 2).Select(static p => p.Name)));
        await ExpectAsync(
            ["Categories[]{Name}", "Products[Rating=1]{Name}"],
            static context => context.Products.Where(static p => p.Rating == 1).Select(static p => p.Name).Except(context.Categories.Select(static c => c.Name)));
    }

    [Fact]
    public async Task Includes_and_split_queries_read_the_far_side()
    {
        var single = await _shop.RecordAsync(static context => context.Categories.Where(static c => c.Id == 2).Include(static c => c.Products).AsNoTracking());
        Assert.Equal(["Categories[Id=2]{Id,Kind,Name}", "Products[CategoryId=2]{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}"], single);
        var split = await _shop.RecordAsync(static context => context.Categories.Where(static c => c.Kind == 2).Include(static c => c.Products).AsSplitQuery().AsNoTracking());
        Assert.Contains("Categories[Kind=2]{Id,Kind,Name}", split);
        Assert.Contains("Products[CategoryId=]{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}", split);
        var labels = await _shop.RecordAsync(static context => context.Products.Where(static p => p.Id == 2).SelectMany(static p => p.Labels).Select(static l => l.Text));
        Assert.Equal(["LabelProduct[ProductsId=2]{LabelsId,ProductsId}", "Labels[]{Id,Text}", "Products[Id=2]{Id}"], labels);
    }

    [Fact]
    public async Task An_include_behind_a_limit_reads_the_far_side_of_the_rows_of_the_near_side()
    {
        var recorded = await _shop.RecordAsync(async context => await context.Categories.Include(static c => c.Products).AsNoTracking().FirstOrDefaultAsync(static c => c.Id == 2, Stop));
        Assert.Equal(["Categories[Id=2]{Id,Kind,Name}", "Products[CategoryId=2]{Added,CategoryId,Id,IsActive,Name,Note,ParentId,Price,Rating,Status}"], recorded);
    }

    private async Task ExpectAsync<T>(string[] expected, Func<ShopContext, IQueryable<T>> query) => Assert.Equal(expected, await _shop.RecordAsync(query));
}
