using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>
/// Random queries and random writes: no cached result is ever older than the database. Prints for each class of queries how many results were invalidated for
/// each one that changed. <c>UNSTALE_GENERATED_WRITES</c> sets the number of writes of each run, and <c>UNSTALE_GENERATOR_SEED</c> the seed.
/// </summary>
public abstract class GeneratorTest(ITestOutputHelper output)
{
    protected static int Seed => Setting("UNSTALE_GENERATOR_SEED") ?? 20;

    private protected async Task<SortedDictionary<string, Tally>> CompareAsync(GeneratorShop shop, bool isSaved, int writes, Action<Comparison>? observe = null)
    {
        writes = Setting("UNSTALE_GENERATED_WRITES") ?? writes;
        var random = new Random(Seed);
        var comparison = new Comparison(shop, isSaved ? new SavedWrites(shop, random) : new ReportedWrites(shop, random), random);
        observe?.Invoke(comparison);
        var begin = Stopwatch.GetTimestamp();
        await comparison.RunAsync(writes);
        Assert.True(comparison.Stale is null, $"Stale: {comparison.Stale}");
        Print(comparison.Tallies, $"{writes} writes by {(isSaved ? "contexts" : "SQL, with complete changes")}, {shop.Nodes.Count} nodes, {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s");
        return comparison.Tallies;
    }

    private protected void WriteLine(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Prints the invalidated results for each changed one, beside those by the rules of other caches, which are computed and not measured.</summary>
    private void Print(SortedDictionary<string, Tally> tallies, string run)
    {
        var all = new Tally();
        foreach (var tally in tallies.Values)
            all.Add(tally);
        output.WriteLine(string.Join('\n', [
            run, "| query | compared | changed | invalidated / changed, writes of known rows | all writes | by tags of rows and lists | by whole tables |", "|---|---|---|---|---|---|---|",
            .. tallies.Select(static of => of.Value.Row(of.Key)), all.Row("all")]));
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
