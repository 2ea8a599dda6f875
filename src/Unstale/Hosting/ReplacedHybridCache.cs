namespace Unstale.Hosting;

/// <summary>Marks a cache that replaced the registration of Microsoft's <c>AddHybridCache</c>.</summary>
/// <param name="Cache">Name of the cache.</param>
internal sealed record ReplacedHybridCache(string Cache);
