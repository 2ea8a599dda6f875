using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Looks keys up, one after the other; the last value found is kept, so that none of it is dead code.</summary>
internal abstract class HitLoop(string[] keys)
{
    // Two threads start apart, so that they do not walk in step.
    private readonly int[] _next = [0, keys.Length / 2];

    protected string[] Keys { get; } = keys;

    protected object? Last { get; set; }

    /// <summary>Goes on where the last run of this thread ended.</summary>
    public abstract void Run(int operations, int thread);

    public Contender On(int threads, int operations) => new(Run, operations, threads);

    protected int Start(int thread) => _next[thread];

    protected void End(int thread, int at, object? last)
    {
        _next[thread] = at;
        Last = last;
    }
}
