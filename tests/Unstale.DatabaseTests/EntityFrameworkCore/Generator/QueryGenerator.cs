using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Random queries of the shapes that applications write.</summary>
internal static class QueryGenerator
{
    private const int Shapes = 19;

    public static GeneratedQuery Next(Random random) => (random.Next(Shapes), random.Next()) switch
    {
        ( < 4, var seed) => Of("list, terms", seed, static (context, random) => ListAsync(Products(context, random, withOthers: false), random)),
        (4 or 5, var seed) => Of("list, other conditions", seed, static (context, random) => ListAsync(Products(context, random, withOthers: true), random)),
        (6, var seed) when seed % 5 < 2 => Of("order with limit, order not read", seed, static (context, random) => TopNamesAsync(Top(Products(context, random, withOthers: false), random), random)),
        (6, var seed) => Of("order with limit", seed, static (context, random) => TopAsync(Top(Products(context, random, withOthers: false), random), random)),
        (7, var seed) => Of("count", seed, static async (context, random) => $"{await Products(context, random, withOthers: false).CountAsync()}"),
        (8, var seed) when seed % 2 == 0 => Of("group, terms", seed, static (context, random) => GroupAsync(Products(context, random, withOthers: false), random)),
        (8, var seed) => Of("group, other conditions", seed, static (context, random) => GroupAsync(Products(context, random, withOthers: true), random)),
        (9, var seed) => Of("join", seed, static (context, random) => JoinAsync(Products(context, random, withOthers: false), context, random)),
        (10, var seed) => Of("left join", seed, static (context, random) => LeftJoinAsync(Products(context, random, withOthers: false), context, random)),
        (11, var seed) => Of("include by key", seed, static (context, random) => IncludeAsync(context, random, byKey: true)),
        (12, var seed) => Of("include", seed, static (context, random) => IncludeAsync(context, random, byKey: false)),
        (13, var seed) => Of("self join", seed, static (context, random) => RowsAsync(Products(context, random, withOthers: false).Where(static p => p.Parent != null).Select(static p => new { p.Name, Of = p.Parent!.Name, p.Parent.Rating }))),
        (14, var seed) => Of("union", seed, static (context, random) => RowsAsync(Products(context, random, withOthers: false).Select(static p => p.Name).Union(Products(context, random, withOthers: false).Select(static p => p.Name)))),
        (15, var seed) => Of("three tables", seed, static (context, random) => LinesAsync(context, random)),
        (16, var seed) => Of("list, residuals", seed, static (context, random) => ListAsync(ProductConditions.WhereResiduals(context.Products.AsNoTracking(), random, random.Next(1, 3)), random)),
        (17, var seed) => Of("include of one", seed, static (context, random) => IncludeOneAsync(Products(context, random, withOthers: false), context, random)),
        (_, var seed) => Of("after a limit", seed, static (context, random) => RowsAsync(Products(context, random, withOthers: false).OrderBy(static p => p.Rating).ThenBy(static p => p.Id).Take(3).Where(static p => p.Status == Status.Sold).Select(static p => p.Id))),
    };

    /// <summary>Creates a query. Each run draws the same numbers, so that conditions and parameters are the same.</summary>
    private static GeneratedQuery Of(string name, int seed, Func<ShopContext, Random, Task<string>> run) => new(name, $"{name}, seed {seed}", context => run(context, new Random(seed)));

    private static IQueryable<Product> Products(ShopContext context, Random random, bool withOthers) =>
        ProductConditions.Where(context.Products.AsNoTracking(), random, random.Next(withOthers ? 1 : 0, 3), withOthers);

    private static Task<string> ListAsync(IQueryable<Product> products, Random random) => random.Next(5) switch
    {
        0 => RowsAsync(products.Select(static p => p.Name)),
        1 => RowsAsync(products.Select(static p => new { p.Id, p.Price })),
        2 => RowsAsync(products.Select(static p => new { p.Rating, p.Status, Shifted = p.Added.AddDays(1) })),
        3 => RowsAsync(products.Select(static p => p.Note)),
        _ => RowsAsync(products),
    };

    private static IQueryable<Product> Top(IQueryable<Product> products, Random random) => (random.Next(5) switch
    {
        0 => products.OrderBy(static p => p.Rating).ThenBy(static p => p.Id),
        1 => products.OrderByDescending(static p => p.Added).ThenBy(static p => p.Id),
        2 => products.OrderByDescending(static p => p.Rating).ThenBy(static p => p.Id),
        3 => products.OrderBy(static p => p.Id),
        _ => products.OrderBy(static p => p.Status).ThenByDescending(static p => p.Id),
    }).Skip(random.Next(2)).Take(random.Next(1, 4));

    private static async Task<string> TopAsync(IQueryable<Product> top, Random random) => random.Next(3) switch
    {
        0 => Text(await top.Select(static p => new { p.Name, p.Rating, p.Added, p.Status, p.Id }).ToListAsync()),
        1 => Text(await top.FirstOrDefaultAsync()),
        _ => Text(await top.ToListAsync()),
    };

    /// <summary>Selects no column of the order, so that the last row is no bound.</summary>
    private static async Task<string> TopNamesAsync(IQueryable<Product> top, Random random) =>
        random.Next(2) == 0 ? Text(await top.Select(static p => p.Name).ToListAsync()) : Text(await top.Select(static p => p.Name).FirstOrDefaultAsync());

    private static Task<string> GroupAsync(IQueryable<Product> products, Random random)
    {
        var (status, rating) = (Values.Status(random), Values.Rating(random));
        return random.Next(4) switch
        {
            0 => RowsAsync(products.GroupBy(static p => p.CategoryId).Select(static g => new { g.Key, Max = g.Max(static p => p.Rating), Count = g.Count() })),
            1 => RowsAsync(products.GroupBy(static p => p.CategoryId).Where(g => g.Max(p => p.Rating) == rating).Select(static g => g.Key)),
            2 => RowsAsync(products.GroupBy(static p => p.IsActive).Select(g => new { g.Key, Count = g.Count(p => p.Status == status) })),
            _ => SumAsync(products),
        };
    }

    private static async Task<string> SumAsync(IQueryable<Product> products) => $"{await products.SumAsync(static p => p.Rating)} {await products.AnyAsync(static p => p.IsActive)}";

    private static Task<string> JoinAsync(IQueryable<Product> products, ShopContext context, Random random)
    {
        var kind = random.Next(3);
        return random.Next(2) == 0
            ? RowsAsync(products.Join(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Name, Category = c.Name }))
            : RowsAsync(products.Where(p => p.Category!.Kind == kind).Select(static p => new { p.Id, p.Category!.Name }));
    }

    private static Task<string> LeftJoinAsync(IQueryable<Product> products, ShopContext context, Random random)
    {
        var (kind, rating) = (random.Next(3), Values.Rating(random));
        var joined = random.Next(3) switch
        {
            0 => products.LeftJoin(context.Categories.Where(c => c.Kind == kind), static p => p.CategoryId, static c => c.Id, static (p, c) => new { p, c }),
            1 => products.LeftJoin(context.Categories, static p => new { Id = p.CategoryId, p.Rating }, c => new { Id = (int?)c.Id, Rating = rating }, static (p, c) => new { p, c }),
            _ => products.LeftJoin(context.Categories, static p => p.CategoryId, static c => c.Id, static (p, c) => new { p, c }),
        };
        joined = random.Next(4) switch
        {
            0 => joined.Where(static x => x.c == null),
            1 => joined.Where(x => x.c!.Kind == kind),
            2 => joined.Where(x => x.c == null || x.c.Kind == kind),
            _ => joined,
        };
        return RowsAsync(joined.Select(static x => new { x.p.Name, Category = x.c!.Name }));
    }

    private static async Task<string> IncludeAsync(ShopContext context, Random random, bool byKey)
    {
        var (id, kind) = (random.Next(1, 4), random.Next(3));
        var categories = context.Categories.AsNoTracking().Where(c => byKey ? c.Id == id : c.Kind == kind).Include(static c => c.Products).OrderBy(static c => c.Id).AsQueryable();
        if (byKey)
            categories = context.Categories.AsNoTracking().Where(c => c.Id == id).Include(static c => c.Products);
        if (random.Next(2) == 0)
            categories = categories.AsSplitQuery();
        var found = random.Next(2) == 0 ? await categories.OrderBy(static c => c.Id).Take(1).ToListAsync() : await categories.ToListAsync();
        return Text(found.OrderBy(static c => c.Id).Select(static c => new { c.Id, c.Name, Products = c.Products.OrderBy(static p => p.Id).Select(static p => new { p.Id, p.Name, p.Price, p.Note }) }));
    }

    private static async Task<string> IncludeOneAsync(IQueryable<Product> products, ShopContext context, Random random)
    {
        var kind = random.Next(3);
        return random.Next(4) switch
        {
            0 => Text((await products.Include(static p => p.Category).OrderBy(static p => p.Rating).ThenBy(static p => p.Id).Skip(random.Next(2)).Take(2).ToListAsync()).Select(static p => new { p.Id, p.Category?.Name })),
            1 => await RowsAsync(products.LeftJoin(context.Categories.Where(c => c.Kind == kind), static p => p.CategoryId, static c => c.Id, static (p, c) => new { p.Id, p.CategoryId, c!.Name })),
            2 when random.Next(2) == 0 => Text(await products.OrderBy(static p => p.Rating).ThenBy(static p => p.Id).Select(static p => new { p.Id, p.CategoryId, p.Category!.Name }).Take(2).ToListAsync()),
            2 => await RowsAsync(products.OrderBy(static p => p.Category!.Name).Select(static p => new { p.CategoryId, p.Name, Parent = p.Parent!.Name, p.ParentId })),
            _ => string.Join('\n', (await products.Include(static p => p.Category).Include(static p => p.Parent).Include(static p => p.Lines).ToListAsync()).OrderBy(static p => p.Id)
                .Select(static p => Text(new { p.Id, p.Category?.Name, p.Parent?.Note, Lines = p.Lines.OrderBy(static l => l.Id).Select(static l => l.Quantity) }))),
        };
    }

    private static Task<string> LinesAsync(ShopContext context, Random random)
    {
        var (kind, quantity, product) = (random.Next(3), random.Next(3), random.Next(1, 9));
        return random.Next(3) switch
        {
            0 => RowsAsync(context.Lines.Where(l => l.Product!.Category!.Kind == kind).Select(static l => new { l.Quantity, l.Product!.Name })),
            1 => RowsAsync(context.Lines.Where(l => l.Quantity == quantity && l.Product!.IsActive).Select(static l => new { l.Id, l.Product!.Category!.Name })),
            _ => RowsAsync(context.Products.Where(p => p.Id == product).Select(static p => new { p.Name, Count = p.Lines.Count, Sum = p.Lines.Sum(static l => l.Quantity) })),
        };
    }

    /// <summary>Returns the rows of a query without an order.</summary>
    private static async Task<string> RowsAsync<T>(IQueryable<T> query) => string.Join('\n', (await query.ToListAsync()).Select(static row => Text(row)).Order(StringComparer.Ordinal));

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);
}
