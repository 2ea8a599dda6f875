using System.Runtime.CompilerServices;

namespace Unstale.Benchmarks.Measuring;

/// <summary>Measured code runs on its own threads, so waiting blocks; what is already there costs no task.</summary>
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
