using Shop.Data;

namespace Shop.Orders;

/// <summary>Reads of orders by SQL.</summary>
internal sealed class SqlOrders(ShopDatabase database) : IOrderSource
{
    public Task<Order?> FindAsync(GetOrder query, CancellationToken cancellationToken) =>
        database.AskAsync(connection => OrderTable.FindAsync(connection, query, cancellationToken), cancellationToken);

    public Task<OrderList> ListAsync(ListOrders query, CancellationToken cancellationToken) =>
        database.AskAsync(connection => OrderTable.ListAsync(connection, query, cancellationToken), cancellationToken);
}
