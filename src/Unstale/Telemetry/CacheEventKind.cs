namespace Unstale.Telemetry;

/// <summary>Events of a cache, in the order of their members in <see cref="CacheEvents"/>.</summary>
internal enum CacheEventKind
{
    /// <inheritdoc cref="CacheEvents.Hit"/>
    Hit,

    /// <inheritdoc cref="CacheEvents.Missed"/>
    Missed,

    /// <inheritdoc cref="CacheEvents.Loaded"/>
    Loaded,

    /// <inheritdoc cref="CacheEvents.LoadFailed"/>
    LoadFailed,

    /// <inheritdoc cref="CacheEvents.FailSafeUsed"/>
    FailSafeUsed,

    /// <inheritdoc cref="CacheEvents.Removed"/>
    Removed,

    /// <inheritdoc cref="CacheEvents.Invalidated"/>
    Invalidated,
}
