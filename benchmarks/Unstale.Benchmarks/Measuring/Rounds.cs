using System.Diagnostics;

namespace Unstale.Benchmarks.Measuring;

/// <summary>
/// Rounds in which contenders alternate, so that a disturbance of the machine affects all of them. The figure of each contender is the median of its
/// rounds. The warm-up is long enough for the last tier of compilation.
/// </summary>
internal sealed record Rounds(int Count, TimeSpan WarmUp)
{
    public double[] Medians(params Contender[] contenders) => Medians([.. contenders.Select(contender => (Func<double>)contender.Slice)]);

    public double[] Medians(params Func<double>[] slices)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            foreach (var slice in slices)
                slice();
        }
        while (Stopwatch.GetElapsedTime(start) < WarmUp);

        var figures = slices.Select(_ => new double[Count]).ToArray();
        for (var round = 0; round < Count; round++)
        {
            for (var turn = 0; turn < slices.Length; turn++)
            {
                var index = (turn + round) % slices.Length;
                figures[index][round] = slices[index]();
            }
        }

        return [.. figures.Select(Median)];
    }

    public static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }
}
