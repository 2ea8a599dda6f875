using System.Globalization;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>Query for one order.</summary>
internal sealed record GetOrder(long Id) : ICacheableQuery
{
    public string CacheKey => Id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Query for the newest orders, of one customer or of all.</summary>
internal sealed record ListOrders(string? Customer = null) : ICacheableQuery
{
    public string CacheKey => Customer is null ? "all" : Unstale.CacheKey.Of("customer", Customer);
}

/// <summary>Command to create an order.</summary>
internal sealed record CreateOrder(string Customer, long ProductId, int Quantity);

/// <summary>Command to cancel an order.</summary>
internal sealed record CancelOrder(long Id);

/// <summary>Result of a <see cref="CancelOrder"/>.</summary>
/// <param name="Order">Cancelled order; null if there was none, which invalidates nothing.</param>
internal sealed record CancelledOrder(Order? Order) : ISucceeded
{
    public bool IsSuccess => Order is not null;
}

/// <summary>Domain event of a created order.</summary>
internal sealed record OrderCreated(long Id, string Customer);
