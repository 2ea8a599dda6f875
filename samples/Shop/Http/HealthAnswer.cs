using Unstale;

namespace Shop.Http;

/// <summary>Health of the shop.</summary>
/// <param name="Status">
/// healthy; degraded: the shop serves true values, but only from the database, or only from the cache; unhealthy: the shop can do neither.
/// </param>
/// <param name="Database">State of the database: connected or unreachable.</param>
/// <param name="Redis">State of Redis: connected, unreachable or not configured.</param>
/// <param name="Horizon">Horizon of this node.</param>
/// <param name="Queued">Number of queued invalidations: in force on this node, and not in the log yet.</param>
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
