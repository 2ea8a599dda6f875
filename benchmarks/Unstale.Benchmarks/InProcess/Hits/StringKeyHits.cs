using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Hits through the abstract class and its generic virtual method, as an application calls it.</summary>
internal sealed class StringKeyHits<TOwnCode>(HybridCache cache, string[] keys, string[]? tags) : HitLoop(keys)
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
            last = cache.GetOrCreateAsync<int, string>(
                wanted[at],
                operation,
                static (_, _) => throw new InvalidOperationException("Every key was stored."),
                options: null,
                tags).Wait();
            if (++at == wanted.Length)
                at = 0;
        }

        End(thread, at, last);
    }
}
