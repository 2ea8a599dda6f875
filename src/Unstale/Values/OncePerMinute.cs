namespace Unstale.Values;

/// <summary>Limits a log line to one a minute. Of several concurrent calls, only one is due.</summary>
internal struct OncePerMinute
{
    private const long Minute = 60_000;

    private long _next;

    /// <param name="now">Current time, in monotonic milliseconds.</param>
    public bool IsDue(long now)
    {
        var next = Interlocked.Read(ref _next);
        return now >= next && Interlocked.CompareExchange(ref _next, now + Minute, next) == next;
    }
}
