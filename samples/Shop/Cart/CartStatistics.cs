namespace Shop.Cart;

/// <summary>Statistics of the cart's cache, and the number of events that the cart has received.</summary>
internal sealed record CartStatistics(string Cache, long Entries, long Hits, long Misses, long EventsReceived);
