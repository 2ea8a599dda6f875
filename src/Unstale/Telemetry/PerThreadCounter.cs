using System.Runtime.CompilerServices;

namespace Unstale.Telemetry;

/// <summary>
/// Counter for the hottest path. Each thread increments a number of its own, so there is no contention and no lost increment. Reading sums over all
/// threads.
/// </summary>
internal sealed class PerThreadCounter
{
    private readonly int _slot = PerThreadSlots.Rent();

    // The slot is returned only when no thread can increment it any more, which is when the counter is unreachable.
    ~PerThreadCounter() => PerThreadSlots.Return(_slot);

    public long Value
    {
        get
        {
            var sum = PerThreadSlots.Sum(_slot);
            GC.KeepAlive(this);
            return sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Increment()
    {
        var counts = PerThreadSlots.Mine;
        var slot = _slot;
        if (counts is not null && (uint)slot < (uint)counts.Length)
        {
            // Only this thread writes here. The volatile write prevents torn reads.
            ref var count = ref counts[slot];
            Volatile.Write(ref count, count + 1);
        }
        else
        {
            PerThreadSlots.MineWith(slot)[slot]++;
        }

        // Otherwise the collector may finalize the counter before the write, and the slot could already belong to another counter.
        GC.KeepAlive(this);
    }
}
