namespace Shop.Data;

/// <summary>Row as filled by Dapper.</summary>
internal sealed class ProductRow
{
    public long Id { get; init; }

    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public long PriceInCents { get; init; }

    public long CategoryId { get; init; }

    public string CategoryName { get; init; } = "";

    public bool Featured { get; init; }

    public long Version { get; init; }

    public Product ToProduct() => new(Id, Name, Description, PriceInCents / 100m, CategoryId, CategoryName, Featured, Version);
}
