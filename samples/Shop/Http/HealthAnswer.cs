using Unstale;

namespace Shop.Http;

/// <summary>Whether the shop can do its work.</summary>
/// <param name="Status">
/// healthy; degraded: the shop serves what is true, but from the database alone, or from the cache alone; unhealthy: it can do neither.
/// </param>
/// <param name="Database">connected or unreachable.</param>
/// <param name="Redis">connected, unreachable or not configured.</param>
/// <param name="Horizon">What this node knows of the log.</param>
/// <param name="Queued">Pending invalidations: in force here, and not in the log yet.</param>
internal sealed record HealthAnswer(string Status, string Database, string Redis, HorizonAnswer Horizon, long Queued)
{
    public static HealthAnswer Of(bool hasDatabase, bool hasRedis, LogState log, long entries)
    {
        var status = (hasDatabase, log.IsTrusted) switch
        {
            (true, true) => "healthy",
            (true, false) => "degraded",
            (false, true) when entries > 0 => "degraded",
            _ => "unhealthy",
        };
        var redis = (hasRedis, log.IsConnected) switch
        {
            (false, _) => "not configured",
            (true, true) => "connected",
            (true, false) => "unreachable",
        };
        return new(status, hasDatabase ? "connected" : "unreachable", redis, HorizonAnswer.Of(log), log.Queued);
    }
}
