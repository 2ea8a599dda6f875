namespace Unstale;

/// <summary>
/// Limits the concurrent loads of a cache or of a key prefix, to protect a source that can bear only so many calls. A load that exceeds the limit waits for a slot. A load
/// inside another load's factory reuses the slot of that load. Not limited: hits, values from the second level, loads inside an open transaction or
/// <see cref="InvalidationScope"/>, which may hold locks that other loads wait for, and factories of keys that cannot be cached.
/// </summary>
public sealed class LoadLimit
{
    /// <summary>Maximum number of concurrent loads, 1 to 100,000. A call for several keys counts once.</summary>
    public required int MaximumLoads { get; init; }

    /// <summary>Maximum number of loads that wait for a slot, 0 to 10,000,000. Further loads throw a <see cref="LoadRejectedException"/>. Default: 1,024.</summary>
    public int MaximumWaiting { get; init; } = 1024;

    /// <summary>
    /// Maximum wait for a slot, 1 ms to 1 day. After this time the load throws a <see cref="LoadRejectedException"/>. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.
    /// <see cref="UnstaleEntryOptions.LoadTimeout"/> includes the wait. Default: 10 seconds.
    /// </summary>
    public TimeSpan SlotTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
