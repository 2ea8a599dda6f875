using System.Runtime.CompilerServices;
using BitFaster.Caching;

namespace Unstale.Benchmarks.InProcess.Hits;

internal sealed class BitFasterHits<TOwnCode>(ICache<string, string> cache, string[] keys) : HitLoop(keys)
    where TOwnCode : struct
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Run(int operations, int thread)
    {
        var wanted = Keys;
        var at = Start(thread);
        object? last = null;
        for (var operation = 0; operation < operations; operation++)
        {
            if (cache.TryGet(wanted[at], out var value))
                last = value;
            if (++at == wanted.Length)
                at = 0;
        }

        End(thread, at, last);
    }
}
