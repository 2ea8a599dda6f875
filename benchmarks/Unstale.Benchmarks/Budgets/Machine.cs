using System.Runtime;
using System.Runtime.InteropServices;

namespace Unstale.Benchmarks.Budgets;

internal static class Machine
{
    public static string Describe() => string.Join(
        " · ",
        $"{Environment.ProcessorCount} cores",
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.RuntimeIdentifier,
        GCSettings.IsServerGC ? "server GC" : "workstation GC",
        IsOptimized ? "Release" : "Debug: use -c Release");

#if DEBUG
    private static bool IsOptimized => false;
#else
    private static bool IsOptimized => true;
#endif
}
