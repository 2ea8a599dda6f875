using System.Runtime.CompilerServices;

namespace Unstale.Benchmarks.Measuring;

/// <summary>Blocking waits for measured code, which runs on its own threads. A completed result costs no task.</summary>
internal static class Waiting
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Wait<T>(this ValueTask<T> pending) => pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();

    public static void Wait(this ValueTask pending)
    {
        if (!pending.IsCompletedSuccessfully)
            pending.AsTask().GetAwaiter().GetResult();
    }
}
