namespace Shop.Orders;

/// <summary>An order as a client sees it.</summary>
/// <param name="Id">The order's number.</param>
/// <param name="Customer">For whom it is.</param>
/// <param name="ProductId">The product's number.</param>
/// <param name="ProductName">The product's name when the order was made.</param>
/// <param name="Price">What one cost then.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Total">What all of them cost.</param>
/// <param name="Cached">Whether it came from a cache; false for one that was just read from the database, or made.</param>
internal sealed record OrderAnswer(
    long Id, string Customer, long ProductId, string ProductName, decimal Price, int Quantity, decimal Total, bool Cached)
{
    public static OrderAnswer Of(Order order, bool cached) => new(
        order.Id, order.Customer, order.ProductId, order.ProductName, order.Price, order.Quantity, order.Price * order.Quantity, cached);
}
