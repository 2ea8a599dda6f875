namespace Shop.Orders;

/// <summary>Order in a response.</summary>
/// <param name="Id">Number of the order.</param>
/// <param name="Customer">Name of the customer.</param>
/// <param name="ProductId">Number of the product.</param>
/// <param name="ProductName">Name of the product at the time of the order.</param>
/// <param name="Price">Price of one piece at the time of the order.</param>
/// <param name="Quantity">Number of pieces.</param>
/// <param name="Total">Price of all pieces.</param>
/// <param name="Cached">Whether the order was served from a cache. False if just read from the database, or just created.</param>
internal sealed record OrderAnswer(
    long Id, string Customer, long ProductId, string ProductName, decimal Price, int Quantity, decimal Total, bool Cached)
{
    public static OrderAnswer Of(Order order, bool cached) => new(
        order.Id, order.Customer, order.ProductId, order.ProductName, order.Price, order.Quantity, order.Price * order.Quantity, cached);
}
