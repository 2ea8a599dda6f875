namespace Shop.Orders;

/// <summary>Reads of orders in the database.</summary>
internal interface IOrderSource
{
    Task<Order?> FindAsync(GetOrder query, CancellationToken cancellationToken);

    /// <summary>Returns the last hundred orders, the newest first.</summary>
    Task<OrderList> ListAsync(ListOrders query, CancellationToken cancellationToken);
}
