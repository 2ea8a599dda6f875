using System.Collections.Immutable;
using System.ComponentModel;

namespace Shop.Orders;

/// <summary>Order as stored in the database, with the name and the price of the product at the time of the order.</summary>
[ImmutableObject(true)]
internal sealed record Order(long Id, string Customer, long ProductId, string ProductName, decimal Price, int Quantity);

/// <summary>Orders, newest first.</summary>
[ImmutableObject(true)]
internal sealed record OrderList(ImmutableArray<Order> Orders);
