using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Loop that looks keys up, one after the other.</summary>
internal abstract class HitLoop(string[] keys)
{
    // Two threads start apart, so that they do not run in step.
    private readonly int[] _next = [0, keys.Length / 2];

    protected string[] Keys { get; } = keys;

    /// <summary>Last value found by the last run; null if there is none. Stored so that no look-up is dead code.</summary>
    public object? Last { get; private set; }

    /// <summary>Continues where the last run of this thread ended.</summary>
    public abstract void Run(int operations, int thread);

    public Contender On(int threads, int operations) => new(Run, operations, threads);

    protected int Start(int thread) => _next[thread];

    protected void End(int thread, int at, object? last)
    {
        _next[thread] = at;
        Last = last;
    }
}
