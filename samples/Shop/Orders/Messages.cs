using System.Globalization;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>A query: one order.</summary>
internal sealed record GetOrder(long Id) : ICacheableQuery
{
    public string CacheKey => Id.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A query: the newest orders, of one customer or of all.</summary>
internal sealed record ListOrders(string? Customer = null) : ICacheableQuery
{
    public string CacheKey => Customer is null ? "all" : Unstale.CacheKey.Of("customer", Customer);
}

/// <summary>A command.</summary>
internal sealed record CreateOrder(string Customer, long ProductId, int Quantity);

/// <summary>A command.</summary>
internal sealed record CancelOrder(long Id);

/// <summary>What became of a <see cref="CancelOrder"/>.</summary>
/// <param name="Order">The order that is no more; null when there was none, which invalidates nothing.</param>
internal sealed record CancelledOrder(Order? Order) : ISucceeded
{
    public bool IsSuccess => Order is not null;
}

/// <summary>A domain event.</summary>
internal sealed record OrderCreated(long Id, string Customer);
