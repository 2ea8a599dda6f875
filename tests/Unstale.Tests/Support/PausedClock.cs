namespace Unstale.Tests.Support;

/// <summary>Clock of a process paused between two readings: the first shows the time before the pause, all later ones the time after it.</summary>
internal sealed class PausedClock(TimeProvider clock) : TimeProvider
{
    private long _paused;
    private long _next;

    public override long TimestampFrequency => clock.TimestampFrequency;

    /// <summary>Pauses the process after the next reading of the clock.</summary>
    public void PauseAfterNextReading(TimeSpan time) => Interlocked.Exchange(ref _next, (long)(time.TotalSeconds * TimestampFrequency));

    public override long GetTimestamp()
    {
        var read = clock.GetTimestamp() + Interlocked.Read(ref _paused);
        Interlocked.Add(ref _paused, Interlocked.Exchange(ref _next, 0));
        return read;
    }

    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => clock.CreateTimer(callback, state, dueTime, period);
}
