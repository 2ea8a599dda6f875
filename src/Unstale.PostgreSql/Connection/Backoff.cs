using Unstale.Boundary;

namespace Unstale.PostgreSql.Connection;

/// <summary>Pause before the next attempt to connect. Doubles from attempt to attempt; half of the pause is random, so that nodes do not reconnect together.</summary>
internal sealed class Backoff
{
    private const int Shortest = 50;
    private const int Longest = 2_000;

    private int _next = Shortest;

    public void Succeeded() => _next = Shortest;

    /// <summary>Waits, and ends early without an exception when cancelled.</summary>
    public async Task PauseAsync(GuardedTime time, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(_next * (0.5 + (Random.Shared.NextDouble() / 2)));
        _next = Math.Min(2 * _next, Longest);
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
