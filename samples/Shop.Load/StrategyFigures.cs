namespace Shop.Load;

/// <summary>What one strategy was measured to do.</summary>
/// <param name="Name">The strategy.</param>
/// <param name="Reads">Reads that the cache answered.</param>
/// <param name="FirstReads">The first read after a write, on the node that wrote.</param>
/// <param name="Writes">Writes through the strategy, or through a plain update where it has none of its own.</param>
/// <param name="ShownAfter">How long after the write's answer another node showed it; null when it did not within the bound.</param>
internal sealed record StrategyFigures(string Name, Histogram Reads, Histogram FirstReads, Histogram Writes, Histogram? ShownAfter);
