using Unstale.Queries;

namespace Shop.Orders;

/// <summary>Composition of orders: cached queries, and the results that an event or a command outdates.</summary>
internal static class OrderServices
{
    public static void AddOrders(this IUnstaleBuilder cache)
    {
        cache.AddDomainEvents()
            .InvalidateOn<OrderCreated>(static (e, i) => Name(i, e.Id, e.Customer))
            .AddCommandInvalidation(static commands => commands
                .On<CancelOrder, CancelledOrder>(static (_, result, i) => Name(i, result.Order!.Id, result.Order.Customer)));
        cache.Services.AddSingleton<IOrderSource, SqlOrders>().AddSingleton<IOrderCommands, OrderCommands>();
    }

    /// <summary>Adds the order and the two lists that show it. Lists of other customers stay.</summary>
    private static void Name(InvalidationSet set, long id, string customer) =>
        set.Query(new GetOrder(id)).Query(new ListOrders()).Query(new ListOrders(customer));
}
