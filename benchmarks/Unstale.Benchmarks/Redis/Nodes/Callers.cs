using System.Diagnostics;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Nodes;

/// <summary>
/// Callers that each wait for one operation before the next. The arguments of an operation are the number of the caller and of its turn.
/// </summary>
internal sealed class Callers(int count, Func<int, int, ValueTask> ask)
{
    public double PerSecond(TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        var done = Done(slice);
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Returns the number of completed operations of all callers.</summary>
    public long Done(TimeSpan slice) => Run(caller => CountAsync(caller, slice)).Sum();

    /// <summary>Returns the bytes allocated for each operation, by the whole process.</summary>
    public double Allocated(TimeSpan slice)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var done = Done(slice);
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)done;
    }

    /// <summary>Returns the waits of the operations in microseconds, ascending.</summary>
    public double[] Waits(TimeSpan slice) => [.. Run(caller => TimedAsync(caller, slice)).SelectMany(waits => waits).Order()];

    private T[] Run<T>(Func<int, Task<T>> each) =>
        new ValueTask<T[]>(Task.WhenAll(Enumerable.Range(0, count).Select(caller => Task.Run(() => each(caller))))).Wait();

    private async Task<long> CountAsync(int caller, TimeSpan slice)
    {
        var start = Stopwatch.GetTimestamp();
        for (var turn = 0; ; turn++)
        {
            await ask(caller, turn).ConfigureAwait(false);
            if (Stopwatch.GetElapsedTime(start) >= slice)
                return turn + 1;
        }
    }

    private async Task<List<double>> TimedAsync(int caller, TimeSpan slice)
    {
        var waits = new List<double>();
        var start = Stopwatch.GetTimestamp();
        for (var turn = 0; Stopwatch.GetElapsedTime(start) < slice; turn++)
        {
            var asked = Stopwatch.GetTimestamp();
            await ask(caller, turn).ConfigureAwait(false);
            waits.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
        }

        return waits;
    }
}
