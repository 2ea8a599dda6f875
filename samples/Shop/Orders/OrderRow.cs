namespace Shop.Orders;

/// <summary>Row as filled by Dapper.</summary>
internal sealed class OrderRow
{
    public long Id { get; init; }

    public string Customer { get; init; } = "";

    public long ProductId { get; init; }

    public string ProductName { get; init; } = "";

    public long PriceInCents { get; init; }

    public long Quantity { get; init; }

    public Order ToOrder() => new(Id, Customer, ProductId, ProductName, PriceInCents / 100m, (int)Quantity);
}
