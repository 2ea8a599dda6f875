using Microsoft.Extensions.Diagnostics.HealthChecks;
using Unstale.Boundary;

namespace Unstale.AspNetCore.Health;

/// <summary>
/// Reports the health of one cache, which is never Unhealthy: an untrusted node reads from the source and therefore serves current data.
/// </summary>
internal sealed class CacheHealthCheck(UnstaleCache cache, UnstaleHealthOptions options, GuardedTime time) : IHealthCheck
{
    private readonly ReadingWindow _window = new(time, options.Window);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var log = cache.GetLogState();
        var statistics = cache.GetStatistics();
        var now = Reading.From(time.GetTimestamp(), statistics, log.Positions);
        var then = _window.Add(now);
        var age = _window.Age(then, now);
        var data = Data(log, statistics);
        var degraded = log.IsTrusted ? null : Errors.NotTrusted(log.Name, log.SinceConfirmed);
        var reads = now.Reads - then.Reads;
        if (reads > 0)
        {
            var ratio = (double)(now.Misses - then.Misses) / reads;
            data["hit_ratio"] = 1 - ratio;
            if (ratio > options.MissRatioThreshold && reads >= options.LeastReads && age >= options.Window)
                degraded ??= Errors.Misses(ratio, reads, age, options.MissRatioThreshold.Value);
        }

        if (age > TimeSpan.Zero && now.RecordsSince(then) is { } records)
            data["invalidations_per_minute"] = records / age.TotalMinutes;
        return Task.FromResult(degraded is null ? HealthCheckResult.Healthy(data: data) : HealthCheckResult.Degraded(degraded, data: data));
    }

    private static Dictionary<string, object> Data(LogState log, CacheStatistics statistics)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["trusted"] = log.IsTrusted,
            ["queued"] = log.Queued,
            ["entries"] = statistics.Entries,
        };
        if (log.Positions.Count > 0)
            data["position"] = log.Positions.ToString();
        if (log.SinceConfirmed is { } since)
            data["confirmed_ms_ago"] = (long)since.TotalMilliseconds;
        return data;
    }
}
