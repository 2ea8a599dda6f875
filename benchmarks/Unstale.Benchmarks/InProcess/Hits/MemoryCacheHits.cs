using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Memory;

namespace Unstale.Benchmarks.InProcess.Hits;

internal sealed class MemoryCacheHits(MemoryCache cache, string[] keys) : HitLoop(keys)
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Run(int operations, int thread)
    {
        var wanted = Keys;
        var at = Start(thread);
        object? last = null;
        for (var operation = 0; operation < operations; operation++)
        {
            if (cache.TryGetValue(wanted[at], out var value))
                last = value;
            if (++at == wanted.Length)
                at = 0;
        }

        End(thread, at, last);
    }
}
