using Microsoft.EntityFrameworkCore;
using Shop.Orders;

namespace Shop.EntityFramework;

/// <summary>Reads and writes of orders. No event and no command invalidates: a save invalidates the lists that contain its order.</summary>
internal sealed class ContextOrders(IDbContextFactory<ShopContext> contexts) : IOrderSource, IOrderCommands
{
    private const int MaximumLength = 100;

    public async Task<Order?> FindAsync(GetOrder query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await Rows(context.Orders.Where(order => order.Id == query.Id)).SingleOrDefaultAsync(cancellationToken) is { } row ? row.ToOrder() : null;
    }

    public async Task<OrderList> ListAsync(ListOrders query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var orders = query.Customer is { } customer ? context.Orders.Where(order => order.Customer == customer) : context.Orders;
        var rows = await Rows(orders.OrderByDescending(order => order.Id).Take(MaximumLength)).ToListAsync(cancellationToken);
        return new([.. rows.Select(static row => row.ToOrder())]);
    }

    public async Task<Order?> CreateAsync(CreateOrder command, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Products.AsNoTracking().SingleOrDefaultAsync(product => product.Id == command.ProductId, cancellationToken) is not { } product)
            return null;
        var order = new StoredOrder
        {
            Customer = command.Customer,
            ProductId = product.Id,
            ProductName = product.Name,
            PriceInCents = product.PriceInCents,
            Quantity = command.Quantity,
        };
        context.Add(order);
        await context.SaveChangesAsync(CancellationToken.None);
        return new(order.Id, order.Customer, order.ProductId, order.ProductName, order.PriceInCents / 100m, command.Quantity);
    }

    public async Task<bool> CancelAsync(CancelOrder command, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.Orders.SingleOrDefaultAsync(order => order.Id == command.Id, cancellationToken) is not { } order)
            return false;
        context.Remove(order);
        try
        {
            await context.SaveChangesAsync(CancellationToken.None);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false; // another call has cancelled the order
        }
    }

    private static IQueryable<OrderRow> Rows(IQueryable<StoredOrder> orders) => orders.Select(static order => new OrderRow
    {
        Id = order.Id,
        Customer = order.Customer,
        ProductId = order.ProductId,
        ProductName = order.ProductName,
        PriceInCents = order.PriceInCents,
        Quantity = order.Quantity,
    });
}
