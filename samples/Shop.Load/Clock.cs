namespace Shop.Load;

/// <summary>The clock by which reads and writes are compared: all of them are made by this process.</summary>
internal static class Clock
{
    public static long Now => TimeProvider.System.GetTimestamp();

    public static double MillisecondsSince(long began) => TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

    public static double Milliseconds(long from, long to) => TimeProvider.System.GetElapsedTime(from, to).TotalMilliseconds;

    public static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * TimeProvider.System.TimestampFrequency);

    /// <summary>Waits, or returns early when it is cancelled.</summary>
    public static async Task PauseAsync(TimeSpan span, CancellationToken cancellationToken) =>
        await Task.Delay(span, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
