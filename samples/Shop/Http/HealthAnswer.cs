namespace Shop.Http;

/// <summary>Whether the shop can do its work.</summary>
/// <param name="Status">healthy; degraded: no database, but what the cache holds is served; unhealthy.</param>
/// <param name="Database">connected or unreachable.</param>
/// <param name="Redis">not configured.</param>
internal sealed record HealthAnswer(string Status, string Database, string Redis);
