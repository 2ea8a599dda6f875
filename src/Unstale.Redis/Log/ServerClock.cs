using Unstale.Boundary;

namespace Unstale.Redis.Log;

/// <summary>
/// A reading of the server's wall clock. Ends of lives are compared with it and nothing else: it decides how long a value is held, never whether
/// it is true.
/// </summary>
/// <param name="milliseconds">The server's time, in milliseconds since 1970.</param>
/// <param name="askedAt">When the server was asked, by this node's monotonic clock.</param>
/// <param name="time">This node's clock.</param>
internal sealed class ServerClock(long milliseconds, long askedAt, GuardedTime time)
{
    /// <summary>The time there now. The way of the question counts as passed, so it is never too early.</summary>
    public long Now => milliseconds + (long)time.GetElapsedTime(askedAt).TotalMilliseconds;
}
