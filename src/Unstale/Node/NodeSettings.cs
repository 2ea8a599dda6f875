using Unstale.Horizon;

namespace Unstale.Node;

/// <summary>The numbers of a node.</summary>
/// <param name="Horizon">Those of its horizon.</param>
internal sealed record NodeSettings(HorizonSettings Horizon)
{
    /// <summary>How long a caller waits for the log before the invalidation is reported as queued. It is in force here from the start.</summary>
    public TimeSpan AppendDeadline { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the end waits for the log to take what is queued.</summary>
    public TimeSpan ShutdownLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than it told a node may serve, because a deposed server has confirmed it.</summary>
    public TimeSpan SplitBrainAllowance { get; init; }

    /// <summary>The longest pause between two confirmations of a node's place: a second, and at least four times within the bound.</summary>
    public TimeSpan Heartbeat => TimeSpan.FromMilliseconds(Math.Min(1000, Horizon.StalenessBound / 4));

    /// <summary>The pause before the next: up to a fifth shorter, so that nodes which start together do not beat together.</summary>
    public TimeSpan NextBeat() => Heartbeat * (1 - (Random.Shared.NextDouble() / 5));
}
