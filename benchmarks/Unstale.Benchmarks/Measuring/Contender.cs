using System.Diagnostics;

namespace Unstale.Benchmarks.Measuring;

/// <summary>One way to run an operation: an action with the number of operations and the number of the thread.</summary>
internal sealed record Contender(Action<int, int> Run, int Operations, int Threads = 1)
{
    /// <summary>Runs once, and returns the nanoseconds per operation, averaged over the threads.</summary>
    public double Slice() => Threads == 1 ? Timed(0) : OnThreads().Average();

    /// <summary>
    /// Times a short run, which another process seldom interrupts, after an untimed part, because the previous contender used the processor's caches.
    /// </summary>
    private double Timed(int thread)
    {
        Run(Operations / 4, thread);
        var start = Stopwatch.GetTimestamp();
        Run(Operations, thread);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Operations;
    }

    private double[] OnThreads()
    {
        var figures = new double[Threads];
        using var barrier = new Barrier(Threads);
        var threads = Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            barrier.SignalAndWait();
            figures[index] = Timed(index);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return figures;
    }
}
