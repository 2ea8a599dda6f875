namespace Shop.Load;

/// <summary>Clock to compare reads and writes, all of which are made by this process.</summary>
internal static class Clock
{
    public static long Now => TimeProvider.System.GetTimestamp();

    public static double MillisecondsSince(long began) => TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;

    public static double Milliseconds(long from, long to) => TimeProvider.System.GetElapsedTime(from, to).TotalMilliseconds;

    public static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * TimeProvider.System.TimestampFrequency);

    /// <summary>Waits, or returns early if cancelled.</summary>
    public static async Task PauseAsync(TimeSpan span, CancellationToken cancellationToken) =>
        await Task.Delay(span, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
