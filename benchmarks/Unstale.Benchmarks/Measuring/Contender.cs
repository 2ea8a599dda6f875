using System.Diagnostics;

namespace Unstale.Benchmarks.Measuring;

/// <summary>One way to do a thing: runs a number of operations, told which of the threads it is.</summary>
internal sealed record Contender(Action<int, int> Run, int Operations, int Threads = 1)
{
    /// <summary>Runs once; nanoseconds per operation as each thread sees it.</summary>
    public double Slice() => Threads == 1 ? Timed(0) : OnThreads().Average();

    /// <summary>Short, so that seldom another process comes between; begun untimed, because the contender before used the caches.</summary>
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
