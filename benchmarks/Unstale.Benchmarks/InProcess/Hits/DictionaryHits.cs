using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Unstale.Benchmarks.InProcess.Hits;

internal sealed class DictionaryHits(ConcurrentDictionary<string, object> dictionary, string[] keys) : HitLoop(keys)
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public override void Run(int operations, int thread)
    {
        var wanted = Keys;
        var at = Start(thread);
        object? last = null;
        for (var operation = 0; operation < operations; operation++)
        {
            if (dictionary.TryGetValue(wanted[at], out var value))
                last = value;
            if (++at == wanted.Length)
                at = 0;
        }

        End(thread, at, last);
    }
}
