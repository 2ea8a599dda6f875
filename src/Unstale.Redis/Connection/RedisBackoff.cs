namespace Unstale.Redis.Connection;

/// <summary>Delay before the next attempt to connect. Doubles from attempt to attempt up to a cap; half of the delay is random.</summary>
internal sealed record RedisBackoff(TimeSpan First, TimeSpan Longest)
{
    public static RedisBackoff Default { get; } = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <param name="attempt">Number of the attempt, from 1.</param>
    /// <param name="chance">Random number from 0 to 1, so that nodes that lost the same server do not reconnect at the same moment.</param>
    public TimeSpan After(int attempt, double chance)
    {
        // After 30 doublings any first delay exceeds any cap, and the shift must not overflow.
        var doubled = First.TotalMilliseconds * (1L << Math.Clamp(attempt - 1, 0, 30));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, Longest.TotalMilliseconds) * (0.5 + (chance / 2)));
    }
}
