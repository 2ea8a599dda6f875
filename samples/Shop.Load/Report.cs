using System.Globalization;

namespace Shop.Load;

/// <summary>Output of the program.</summary>
internal static class Report
{
    public static async Task WriteAsync(TextWriter output, Cluster cluster, LoadRun load, Judge judge, IReadOnlyList<StrategyFigures> table)
    {
        await LineAsync(output, $"{(load.Reads.Count + load.Writes.Count) / load.Seconds:N0} requests/s for {load.Seconds:0.0} s, hit ratio {load.HitRatio:P1}, {Text(load.Failures)}");
        await LineAsync(output, $"{"",-8}{"count",10}{"/s",10}{"p50 ms",10}{"p95 ms",10}{"p99 ms",10}{"max ms",10}");
        await LineAsync(output, Row("reads", load.Reads, load.Seconds));
        await LineAsync(output, Row("writes", load.Writes, load.Seconds));
        await LineAsync(output, $"{judge.Stale} stale of {judge.Judged} products read ({judge.Excused} late ones excused by an outage of Redis)");
        foreach (var stale in judge.Examples)
        {
            await LineAsync(
                output,
                $"  {cluster.Servers[stale.Server].Address}{stale.Path[1..]} showed {stale.Seen / 100m} for a product, {stale.AgeMilliseconds:0} ms after {cluster.Servers[stale.Missed.Server].Address} had answered the write of {stale.Missed.Cents / 100m}");
        }

        if (table.Count > 0)
        {
            await output.WriteLineAsync();
            await LineAsync(output, $"{"strategy",-16}{"read p50 ms",14}{"after a write",16}{"write p50 ms",14}{"shown elsewhere after ms (p50, max)",38}");
        }

        foreach (var figures in table)
            await LineAsync(output, Row(figures));
    }

    private static string Text(Failures failures) => failures.Count == 0
        ? "0 failed"
        : string.Create(CultureInfo.InvariantCulture, $"{failures.Count} failed, the first after {failures.FirstSeconds:0.0} s, the last after {failures.LastSeconds:0.0} s");

    private static FormattableString Row(string what, Histogram times, double seconds) =>
        $"{what,-8}{times.Count,10}{times.Count / seconds,10:0}{times.Quantile(0.5),10:0.00}{times.Quantile(0.95),10:0.00}{times.Quantile(0.99),10:0.00}{times.MaximumMilliseconds,10:0.00}";

    private static FormattableString Row(StrategyFigures figures)
    {
        var shown = figures.ShownAfter is { } after
            ? string.Create(CultureInfo.InvariantCulture, $"{after.Quantile(0.5):0.00}, {after.MaximumMilliseconds:0.00}")
            : "not within the bound";
        return $"{figures.Name,-16}{figures.Reads.Quantile(0.5),14:0.00}{figures.FirstReads.Quantile(0.5),16:0.00}{figures.Writes.Quantile(0.5),14:0.00}{shown,38}";
    }

    private static Task LineAsync(TextWriter output, FormattableString line) => output.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}
