namespace Shop.Cart;

/// <summary>What the cart's cache has done, and how many events the cart has heard.</summary>
internal sealed record CartStatistics(string Cache, long Entries, long Hits, long Misses, long EventsHeard);
