using System.Collections.Immutable;
using System.ComponentModel;

namespace Shop.Orders;

/// <summary>An order as the database has it: with the name and the price that the product had when it was made.</summary>
[ImmutableObject(true)]
internal sealed record Order(long Id, string Customer, long ProductId, string ProductName, decimal Price, int Quantity);

/// <summary>Orders, the newest first.</summary>
[ImmutableObject(true)]
internal sealed record OrderList(ImmutableArray<Order> Orders);
