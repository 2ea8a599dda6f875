using Unstale.Predicates;

namespace Unstale.Tests.Predicates;

/// <summary>Tables of the model: categories, products and orders, with foreign keys that the database follows on deletes.</summary>
internal static class ModelTable
{
    public const string Categories = "category";
    public const string Products = "product";
    public const string Orders = "order";

    public static readonly IReadOnlyDictionary<string, string[]> Columns = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [Categories] = ["id", "name", "kind"],
        [Products] = ["id", "category_id", "price", "name", "featured", "views", "parent_id"],
        [Orders] = ["id", "product_id", "quantity"],
    };

    /// <summary>Foreign keys to each table, and whether a delete sets them to null.</summary>
    public static readonly IReadOnlyDictionary<string, (string Table, string Column, bool SetsNull)[]> Dependents =
        new Dictionary<string, (string, string, bool)[]>(StringComparer.Ordinal)
        {
            [Categories] = [(Products, "category_id", true)],
            [Products] = [(Products, "parent_id", false), (Orders, "product_id", false)],
            [Orders] = [],
        };

    private static readonly string?[] Names = ["a", "A", "b", "B", "b ", "", " "];

    /// <summary>Returns a random value of a column.</summary>
    public static object? ValueOf(Random random, string table, string column)
    {
        var isNullable = (table, column) is (Products, not ("id" or "views")) or (Categories, "kind");
        if (isNullable && random.Next(5) == 0)
            return null;
        return column switch
        {
            "name" => Names[random.Next(Names.Length)],
            "price" => new decimal(random.Next(8) * (random.Next(2) == 0 ? 1 : 10), 0, 0, isNegative: false, 0) is var price && random.Next(2) == 0 ? price : price * 1.0m,
            "category_id" => random.Next(1, 6),
            "product_id" or "parent_id" => random.Next(1, 12),
            "views" => random.Next(1000),
            _ => random.Next(5),
        };
    }

    public static ColumnValue Form(object? value) =>
        ColumnHash.Unkeyed.TryCreate(value, out var form) ? form : throw new ArgumentOutOfRangeException(nameof(value));

    /// <summary>Returns the value as a result shows it: equal values with different scales differ.</summary>
    public static string Shown(object? value) => value switch
    {
        null => "null",
        decimal number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        string text => $"'{text}'",
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)!,
    };
}
