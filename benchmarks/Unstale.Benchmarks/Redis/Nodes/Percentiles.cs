namespace Unstale.Benchmarks.Redis.Nodes;

internal static class Percentiles
{
    /// <summary>Returns a percentile of figures in ascending order.</summary>
    public static double At(this IReadOnlyList<double> ascending, double share) =>
        ascending[Math.Min(ascending.Count - 1, (int)(ascending.Count * share))];
}
