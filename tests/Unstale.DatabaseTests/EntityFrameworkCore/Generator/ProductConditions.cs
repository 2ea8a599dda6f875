using System.Linq.Expressions;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Random conditions on products, with parameters from small domains.</summary>
internal static class ProductConditions
{
    /// <summary>Number of conditions on one column that become terms; the conditions behind them are dropped or read other tables.</summary>
    private const int Terms = 17;

    public static IQueryable<Product> Where(IQueryable<Product> products, Random random, int count, bool withOthers)
    {
        for (var i = 0; i < count; i++)
            products = products.Where(One(random, random.Next(withOthers ? 26 : Terms)));
        return products;
    }

    /// <summary>Adds conditions on the columns of one row that are no terms, but whose operators are known.</summary>
    public static IQueryable<Product> WhereResiduals(IQueryable<Product> products, Random random, int count)
    {
        for (var i = 0; i < count; i++)
            products = products.Where(Residual(random));
        return products;
    }

    private static Expression<Func<Product, bool>> Residual(Random random)
    {
        var (category, rating, price, note) = (Values.Category(random), Values.Rating(random), Values.Price(random), Values.Note(random));
        var (status, added, name, divisor) = (Values.Status(random), Values.Added(random), Values.Name(random), random.Next(2, 4));
        List<int?> list = [Values.Category(random), Values.Category(random)];
        return random.Next(15) switch
        {
            0 => p => p.CategoryId == category || p.Rating == rating,
            1 => p => p.Rating != rating,
            2 => p => !(p.Rating > rating),
            3 => p => !(p.Rating > rating && p.CategoryId == category),
            4 => p => p.Rating != p.CategoryId,
            5 => p => p.Rating >= p.CategoryId || p.Note == null,
            6 => p => p.Rating + 1 == p.CategoryId,
            7 => p => (p.Id * 2 + 1) % divisor == 0,
            8 => p => !list.Contains(p.CategoryId),
            9 => p => list.Contains(p.Rating) || p.IsActive,
            10 => p => p.Price != price || p.Note == note,
            11 => p => !(p.Price <= price && p.Added > added),
            12 => p => p.Note != note,
            13 => p => p.Status != status && !(p.Name == name || p.Rating < rating),
            _ => p => p.CategoryId != null || p.Added < added,
        };
    }

    /// <summary>Returns a condition with new parameters.</summary>
    private static Expression<Func<Product, bool>> One(Random random, int number)
    {
        var (id, category, rating) = (random.Next(1, 9), Values.Category(random), Values.Rating(random));
        var (price, name, note) = (Values.Price(random), Values.Name(random), Values.Note(random));
        var (status, added, quantity) = (Values.Status(random), Values.Added(random), random.Next(3));
        List<int?> list = [Values.Category(random), Values.Category(random), Values.Rating(random)];
        return number switch
        {
            0 => p => p.CategoryId == category,
            1 => p => p.CategoryId == null,
            2 => p => p.Rating == rating,
            3 => p => list.Contains(p.CategoryId),
            4 => p => p.Price >= price,
            5 => p => p.Price < price,
            6 => p => p.Price == price,
            7 => p => p.IsActive,
            8 => p => !p.IsActive,
            9 => p => p.Status == status,
            10 => p => p.Status >= status,
            11 => p => p.Name == name,
            12 => p => p.Note == note,
            13 => p => p.Added >= added,
            14 => p => p.Added == added,
            15 => p => p.Id == id,
            16 => p => p.ParentId == id,
            17 => p => p.CategoryId == category || p.Rating == rating,
            18 => p => p.Rating != rating,
            19 => p => p.Name.StartsWith(name),
            20 => p => p.Rating + 1 == p.CategoryId,
            21 => p => p.Category!.Kind == id % 3,
            22 => p => p.Lines.Any(l => l.Quantity == quantity),
            23 => p => !p.Lines.Any(l => l.Quantity == quantity),
            24 => p => p.Parent!.Rating == rating,
            _ => p => !(p.Price > price),
        };
    }
}
