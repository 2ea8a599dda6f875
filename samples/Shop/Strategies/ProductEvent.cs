namespace Shop.Strategies;

/// <summary>Announcement of the shop about a product.</summary>
/// <param name="ProductId">Number of the product.</param>
/// <param name="Action">Action on the product: <c>update</c>.</param>
internal sealed record ProductEvent(long ProductId, string Action);
