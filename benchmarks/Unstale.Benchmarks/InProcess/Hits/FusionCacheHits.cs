using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;
using ZiggyCreatures.Caching.Fusion;

namespace Unstale.Benchmarks.InProcess.Hits;

internal sealed class FusionCacheHits(IFusionCache cache, string[] keys, string[]? tags) : HitLoop(keys)
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Run(int operations, int thread)
    {
        var wanted = Keys;
        var at = Start(thread);
        object? last = null;
        for (var operation = 0; operation < operations; operation++)
        {
            last = cache.GetOrSetAsync<string>(
                wanted[at],
                static (_, _) => throw new InvalidOperationException("Every key was stored."),
                tags: tags).Wait();
            if (++at == wanted.Length)
                at = 0;
        }

        End(thread, at, last);
    }
}
