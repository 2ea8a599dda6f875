namespace Unstale.Benchmarks.Measuring;

internal static class MemoryUse
{
    /// <summary>Collects all garbage, so that a measurement starts on a tidy heap.</summary>
    public static void Tidy()
    {
        for (var pass = 0; pass < 3; pass++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    /// <summary>Returns the bytes retained by the result of <paramref name="make"/>. Inputs do not count unless the result holds them.</summary>
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

    /// <summary>Returns the bytes allocated by all threads of the process during the action.</summary>
    public static double AllocatedByProcess(Action action)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
