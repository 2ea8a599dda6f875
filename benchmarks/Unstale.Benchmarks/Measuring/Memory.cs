namespace Unstale.Benchmarks.Measuring;

internal static class Memory
{
    /// <summary>Collects all there is to collect, so that a measurement starts on a tidy heap.</summary>
    public static void Tidy()
    {
        for (var pass = 0; pass < 3; pass++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>Bytes that what <paramref name="make"/> returns keeps alive, what it was made from not counted unless it holds it.</summary>
    public static double RetainedBy<T>(Func<T> make)
        where T : IDisposable
    {
        Tidy();
        var before = GC.GetTotalMemory(forceFullCollection: false);
        using var made = make();
        Tidy();
        return GC.GetTotalMemory(forceFullCollection: false) - before;
    }

    public static double AllocatedBy(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
