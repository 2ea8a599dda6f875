using System.Runtime.CompilerServices;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.InProcess.Hits;

/// <summary>Hits on the class itself, without a virtual call.</summary>
internal sealed class UnstaleCacheHits(UnstaleCache cache, string[] keys, string[]? tags) : HitLoop(keys)
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
