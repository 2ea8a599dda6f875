using Shop.Data;
using Unstale;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>
/// Writes by SQL: an event reports a creation, and a command reports a cancellation. Both do so inside the transaction, and take effect at its
/// commit.
/// </summary>
internal sealed class OrderCommands(ShopDatabase database, IInvalidator invalidator, IDomainEvents events, CommandInvalidation commands) : IOrderCommands
{
    public Task<Order?> CreateAsync(CreateOrder command, CancellationToken cancellationToken) =>
        database.WorkAsync(
            invalidator,
            async transaction =>
            {
                var order = await OrderTable.InsertAsync(transaction, command, cancellationToken);
                if (order is not null)
                    await events.PublishAsync(new OrderCreated(order.Id, order.Customer), cancellationToken);

                return order;
            },
            cancellationToken);

    public async Task<bool> CancelAsync(CancelOrder command, CancellationToken cancellationToken)
    {
        var cancelled = await database.WorkAsync(
            invalidator,
            async transaction => (await commands.ExecuteAsync(
                command,
                async (c, token) => new CancelledOrder(await OrderTable.DeleteAsync(transaction, c, token)),
                cancellationToken)).Order,
            cancellationToken);
        return cancelled is not null;
    }
}
