namespace Shop.Orders;

/// <summary>Write side of orders.</summary>
internal interface IOrderCommands
{
    /// <summary>Creates an order and returns it, or null if there is no such product.</summary>
    Task<Order?> CreateAsync(CreateOrder command, CancellationToken cancellationToken);

    /// <summary>Cancels an order. Returns false if there is no such order.</summary>
    Task<bool> CancelAsync(CancelOrder command, CancellationToken cancellationToken);
}
