using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// Reading of the server's wall clock. Compared only with the ends of lifetimes: the clock determines how long a value is held, never whether the
/// value is valid.
/// </summary>
/// <param name="milliseconds">Time of the server, in milliseconds since 1970.</param>
/// <param name="askedAt">Timestamp of the request, by this node's monotonic clock.</param>
/// <param name="time">Clock of this node.</param>
internal sealed class ServerClock(long milliseconds, long askedAt, GuardedTime time)
{
    /// <summary>Current time of the server. The duration of the request counts as elapsed, so the result is never too early.</summary>
    public long Now => milliseconds + (long)time.GetElapsedTime(askedAt).TotalMilliseconds;
}
