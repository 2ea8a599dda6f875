namespace Shop.Load;

/// <summary>Measurements of one strategy.</summary>
/// <param name="Name">Name of the strategy.</param>
/// <param name="Reads">Reads served from the cache.</param>
/// <param name="FirstReads">First reads after a write, on the node that wrote.</param>
/// <param name="Writes">Writes through the strategy, or through a plain update if there is no other.</param>
/// <param name="ShownAfter">Time from the response of a write until another node showed the write; null if it did not within the bound.</param>
internal sealed record StrategyFigures(string Name, Histogram Reads, Histogram FirstReads, Histogram Writes, Histogram? ShownAfter);
