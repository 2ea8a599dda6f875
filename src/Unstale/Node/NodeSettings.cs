using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>Settings of a node.</summary>
/// <param name="Horizon">Settings of the horizon.</param>
internal sealed record NodeSettings(HorizonSettings Horizon)
{
    /// <summary>
    /// Time for which a caller waits for the log before the invalidation is reported as queued. The invalidation is in force on this node from the
    /// start. Default: 1 second.
    /// </summary>
    public TimeSpan AppendTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Maximum wait at shutdown until the log has accepted the queued invalidations. Default: 5 seconds.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time for which a node may serve beyond its reported serving time, because a deposed server confirmed it. Default: zero.</summary>
    public TimeSpan FailoverGracePeriod { get; init; }

    /// <summary>Maximum pause between two confirmations: 1 second, or a quarter of the staleness bound if shorter.</summary>
    public TimeSpan Heartbeat => TimeSpan.FromMilliseconds(Math.Min(1000, Horizon.StalenessBound / 4));

    /// <summary>
    /// Returns the pause before the next confirmation, shortened by up to a fifth, so that nodes started together do not confirm together.
    /// </summary>
    public TimeSpan NextBeat() => Heartbeat * (1 - (Random.Shared.NextDouble() / 5));
}
