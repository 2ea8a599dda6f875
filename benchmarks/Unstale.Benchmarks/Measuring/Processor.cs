namespace Unstale.Benchmarks.Measuring;

internal static class Processor
{
    /// <summary>Returns the processor time of all threads of this process during the action.</summary>
    public static double Milliseconds(Action action)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }
}
