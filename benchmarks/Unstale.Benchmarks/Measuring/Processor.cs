namespace Unstale.Benchmarks.Measuring;

internal static class Processor
{
    /// <summary>What all threads of this process computed meanwhile.</summary>
    public static double Milliseconds(Action action)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }
}
