using Shop.Data;
using Unstale;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>Read side of orders: the cache stores the results, and nothing here defines their end.</summary>
internal sealed class OrderQueries(QueryCache queries, ShopDatabase database)
{
    /// <summary>Returns an order. Like a missing product, a missing order is not stored.</summary>
    public ValueTask<CacheResult<Order?>> GetAsync(GetOrder query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, database, FindAsync, cancellationToken);

    public ValueTask<CacheResult<OrderList>> ListAsync(ListOrders query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, database, ListAsync, cancellationToken);

    private static async ValueTask<Order?> FindAsync(GetOrder query, ShopDatabase database, LoadContext load, CancellationToken cancellationToken)
    {
        var order = await database.AskAsync(connection => OrderTable.FindAsync(connection, query, cancellationToken), cancellationToken);
        if (order is null)
            load.DoNotStore();

        return order;
    }

    private static async ValueTask<OrderList> ListAsync(ListOrders query, ShopDatabase database, LoadContext load, CancellationToken cancellationToken) =>
        await database.AskAsync(connection => OrderTable.ListAsync(connection, query, cancellationToken), cancellationToken);
}
