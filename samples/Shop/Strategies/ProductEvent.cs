namespace Shop.Strategies;

/// <summary>What the shop announces about a product.</summary>
/// <param name="ProductId">Which one.</param>
/// <param name="Action">What happened to it: <c>update</c>.</param>
internal sealed record ProductEvent(long ProductId, string Action);
