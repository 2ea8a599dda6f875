using Shop.Data;
using Unstale;
using Unstale.Queries;

namespace Shop.Orders;

/// <summary>
/// The write side: an event says what was created, a command that something was cancelled. Both do so inside the transaction, and are
/// in force when it is committed.
/// </summary>
internal sealed class OrderCommands(ShopDatabase database, IInvalidator invalidator, IDomainEvents events, CommandInvalidation commands)
{
    /// <summary>The order; null when there is no such product.</summary>
    public Task<Order?> CreateAsync(CreateOrder command, CancellationToken cancellationToken) =>
        database.WorkAsync(
            invalidator,
            async transaction =>
            {
                var order = await OrderTable.InsertAsync(transaction, command, cancellationToken);
                if (order is not null)
                {
                    await events.PublishAsync(new OrderCreated(order.Id, order.Customer), cancellationToken);
                }

                return order;
            },
            cancellationToken);

    /// <summary>False when there is no such order.</summary>
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
