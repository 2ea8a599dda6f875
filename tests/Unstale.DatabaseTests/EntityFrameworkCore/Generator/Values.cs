using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Values from small domains, so that conditions and rows meet.</summary>
internal static class Values
{
    private static readonly string?[] Notes = ["a", "A", "b", "", null];
    private static readonly string[] Names = ["x", "X", "y", "yx"];

    public static int? Category(Random random) => random.Next(4) is var value && value == 0 ? null : value;

    public static int? Rating(Random random) => random.Next(4) is var value && value == 0 ? null : value;

    public static decimal Price(Random random) => random.Next(6) + (random.Next(2) * 0.5m);

    public static string Name(Random random) => Names[random.Next(Names.Length)];

    public static string? Note(Random random) => Notes[random.Next(Notes.Length)];

    public static Status Status(Random random) => (Status)random.Next(3);

    public static DateTime Added(Random random) => new DateTime(2020, 1, 1).AddHours(random.Next(5) * 12);

    /// <summary>Returns a random value of a column.</summary>
    public static object? Of(Random random, string property) => property switch
    {
        "Name" => Name(random),
        "Kind" or "Quantity" => random.Next(3),
        "CategoryId" => Category(random),
        "Price" => Price(random),
        "Rating" => Rating(random),
        "IsActive" => random.Next(2) == 0,
        "Added" => Added(random),
        "Note" => Note(random),
        "Status" => Status(random),
        "ParentId" => random.Next(2) == 0 ? null : random.Next(1, 9),
        "ProductId" => random.Next(1, 9),
        _ => throw new InvalidOperationException(property),
    };
}
