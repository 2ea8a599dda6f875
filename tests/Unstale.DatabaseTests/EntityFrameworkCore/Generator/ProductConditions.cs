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
