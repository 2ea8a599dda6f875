using Unstale;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>Read side of orders: the cache stores the results, and nothing here defines their end.</summary>
internal sealed class OrderQueries(QueryCache queries, IOrderSource orders)
{
    /// <summary>Returns an order. Like a missing product, a missing order is not stored.</summary>
    public ValueTask<CacheResult<Order?>> GetAsync(GetOrder query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, orders, FindAsync, cancellationToken);

    public ValueTask<CacheResult<OrderList>> ListAsync(ListOrders query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, orders, ListAsync, cancellationToken);

    private static async ValueTask<Order?> FindAsync(GetOrder query, IOrderSource orders, LoadContext load, CancellationToken cancellationToken)
    {
        var order = await orders.FindAsync(query, cancellationToken);
        if (order is null)
            load.DoNotStore();

        return order;
    }

    private static async ValueTask<OrderList> ListAsync(ListOrders query, IOrderSource orders, LoadContext load, CancellationToken cancellationToken) =>
        await orders.ListAsync(query, cancellationToken);
}
