using System.Diagnostics;

namespace Unstale.Benchmarks.Commits;

/// <summary>Writers that together write each row once, at a rate. A writer whose turn has passed writes at once, so a slow database lowers the rate.</summary>
internal static class PacedWriters
{
    public const int Count = 32;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <param name="rows">Number of rows, from 1.</param>
    /// <param name="perSecond">Writes per second.</param>
    /// <param name="write">Writes a row; called with the number of the writer.</param>
    public static async Task RunAsync(int rows, double perSecond, Func<int, int, Task> write)
    {
        using var turns = new SemaphoreSlim(0);
        var last = 0;
        var writers = Enumerable.Range(0, Count).Select(writer => Task.Run(async () =>
        {
            while (true)
            {
                await turns.WaitAsync().ConfigureAwait(false);
                var row = Interlocked.Increment(ref last);
                if (row > rows)
                    return;
                await write(writer, row).ConfigureAwait(false);
            }
        })).ToArray();
        var start = Stopwatch.GetTimestamp();
        for (var given = 0; given < rows;)
        {
            var due = Math.Min(rows, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond));
            if (due > given)
                turns.Release(due - given);
            given = Math.Max(given, due);
            await Task.Delay(Tick, TimeProvider.System).ConfigureAwait(false);
        }

        turns.Release(Count);
        await Task.WhenAll(writers).ConfigureAwait(false);
    }
}
