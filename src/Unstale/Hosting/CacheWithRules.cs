namespace Unstale.Hosting;

/// <summary>A cache that rules were added to.</summary>
internal sealed record CacheWithRules(string Name);
