using System.Runtime.CompilerServices;

namespace Unstale.Telemetry;

/// <summary>
/// A counter for the hottest path: each thread adds to a number of its own, so nothing contends and nothing is lost. Reading sums
/// over the threads.
/// </summary>
internal sealed class ThreadCounter
{
    private readonly int _slot = ThreadCounts.Rent();

    // The slot is given back only when no thread can be adding to it any more, which is what unreachable means.
    ~ThreadCounter() => ThreadCounts.Return(_slot);

    public long Value
    {
        get
        {
            var sum = ThreadCounts.Sum(_slot);
            GC.KeepAlive(this);
            return sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment()
    {
        var counts = ThreadCounts.Mine;
        var slot = _slot;
        if (counts is not null && (uint)slot < (uint)counts.Length)
        {
            // Only this thread writes here; the volatile write keeps a reader from seeing half a number.
            ref var count = ref counts[slot];
            Volatile.Write(ref count, count + 1);
        }
        else
        {
            ThreadCounts.MineWith(slot)[slot]++;
        }

        // Without this the collector may take the counter for dead before the write, and its slot could have a new owner.
        GC.KeepAlive(this);
    }
}
