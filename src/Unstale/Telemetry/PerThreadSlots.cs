namespace Unstale.Telemetry;

/// <summary>Storage of all <see cref="PerThreadCounter"/>s: one array per thread, one slot per counter.</summary>
internal static class PerThreadSlots
{
    // Two unused cache lines at the start, so that arrays moved next to each other by the collector share no cache line.
    private const int Padding = 16;
    private const int SweepAtLeast = 32;

    [ThreadStatic]
    private static long[]? s_mine;

    private static readonly Lock Gate = new();
    private static readonly Stack<int> Free = new();
    private static readonly Dictionary<Thread, long[]> Threads = [];
    private static long[] s_ended = new long[Padding + 16];
    private static int s_next = Padding;
    private static int s_sweepAt = SweepAtLeast;

    /// <summary>Numbers of this thread; <c>null</c> before its first increment.</summary>
    public static long[]? Mine => s_mine;

    /// <summary>Number of threads with an array: running threads, and ended threads that are not folded in yet.</summary>
    public static int KnownThreads
    {
        get
        {
            lock (Gate)
                return Threads.Count;
        }
    }

    /// <summary>Returns a slot that is 0 on every thread.</summary>
    public static int Rent()
    {
        lock (Gate)
        {
            if (Free.TryPop(out var slot))
                return slot;

            slot = s_next++;
            if (slot >= s_ended.Length)
                Array.Resize(ref s_ended, s_ended.Length * 2);

            return slot;
        }
    }

    public static void Return(int slot)
    {
        lock (Gate)
        {
            s_ended[slot] = 0;
            foreach (var counts in Threads.Values)
            {
                if (slot < counts.Length)
                    counts[slot] = 0;
            }

            Free.Push(slot);
        }
    }

    public static long Sum(int slot)
    {
        lock (Gate)
        {
            FoldEnded_NeedsLock();
            var sum = s_ended[slot];
            foreach (var counts in Threads.Values)
                sum += slot < counts.Length ? Volatile.Read(ref counts[slot]) : 0;

            return sum;
        }
    }

    /// <summary>Returns the numbers of this thread, created or enlarged to include <paramref name="slot"/>.</summary>
    public static long[] MineWith(int slot)
    {
        // Under the lock, so that the old number of a slot is not copied while the slot is reset to 0.
        lock (Gate)
        {
            if (s_mine is null && Threads.Count >= s_sweepAt)
            {
                FoldEnded_NeedsLock();
                s_sweepAt = Math.Max(SweepAtLeast, 2 * Threads.Count);
            }

            var longer = new long[Math.Max(slot + 1, s_ended.Length)];
            s_mine?.CopyTo(longer, 0);
            Threads[Thread.CurrentThread] = longer;
            s_mine = longer;
            return longer;
        }
    }

    private static void FoldEnded_NeedsLock()
    {
        foreach (var (thread, counts) in Threads)
        {
            if (!thread.IsAlive)
            {
                Fold_NeedsLock(counts);
                Threads.Remove(thread);
            }
        }
    }

    private static void Fold_NeedsLock(long[] counts)
    {
        for (var slot = Padding; slot < counts.Length; slot++)
            s_ended[slot] += counts[slot];
    }
}
