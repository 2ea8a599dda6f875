using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Hits with a span as the key.</summary>
internal sealed class SpanKeyHits(HybridCache cache, string[] keys, string[]? tags) : HitLoop(keys)
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
                wanted[at].AsSpan(),
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
