namespace Unstale.Redis.Link;

/// <summary>How long to wait before connecting again: doubled from attempt to attempt up to a cap, of which half is left to chance.</summary>
internal sealed record RedisBackoff(TimeSpan First, TimeSpan Longest)
{
    public static RedisBackoff Default { get; } = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <param name="attempt">From 1 on.</param>
    /// <param name="chance">From 0 to 1; nodes that lost the same server must not come back as one.</param>
    public TimeSpan After(int attempt, double chance)
    {
        // Beyond 30 doublings any start has passed any cap, and the shift must not run over.
        var doubled = First.TotalMilliseconds * (1L << Math.Clamp(attempt - 1, 0, 30));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, Longest.TotalMilliseconds) * (0.5 + (chance / 2)));
    }
}
