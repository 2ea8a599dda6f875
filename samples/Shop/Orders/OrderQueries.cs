using Shop.Data;
using Unstale;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>The read side: the cache keeps the results, nothing here says when they end.</summary>
internal sealed class OrderQueries(QueryCache queries, ShopDatabase database)
{
    /// <summary>Like a product, an order that does not exist is not kept.</summary>
    public ValueTask<CacheResult<Order?>> GetAsync(GetOrder query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, database, FindAsync, cancellationToken);

    public ValueTask<CacheResult<OrderList>> ListAsync(ListOrders query, CancellationToken cancellationToken) =>
        queries.ExecuteWithInfoAsync(query, database, ListAsync, cancellationToken);

    private static async ValueTask<Order?> FindAsync(GetOrder query, ShopDatabase database, FillContext fill, CancellationToken cancellationToken)
    {
        var order = await database.AskAsync(connection => OrderTable.FindAsync(connection, query, cancellationToken), cancellationToken);
        if (order is null)
        {
            fill.DoNotStore();
        }

        return order;
    }

    private static async ValueTask<OrderList> ListAsync(ListOrders query, ShopDatabase database, FillContext fill, CancellationToken cancellationToken) =>
        await database.AskAsync(connection => OrderTable.ListAsync(connection, query, cancellationToken), cancellationToken);
}
