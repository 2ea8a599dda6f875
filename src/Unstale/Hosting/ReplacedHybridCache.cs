namespace Unstale.Hosting;

/// <summary>Marks a cache in whose place Microsoft's <c>AddHybridCache</c> had registered its own.</summary>
/// <param name="Cache">The name of the cache.</param>
internal sealed record ReplacedHybridCache(string Cache);
