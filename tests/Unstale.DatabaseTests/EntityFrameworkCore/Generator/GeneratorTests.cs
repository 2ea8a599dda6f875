using System.Diagnostics;
using System.Globalization;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>
/// Random queries and random writes on one node and on three: no cached result is ever older than the database. Prints for each class of queries how many
/// results were invalidated for each one that changed. <c>UNSTALE_GENERATED_WRITES</c> sets the number of writes of each run, and <c>UNSTALE_GENERATOR_SEED</c>
/// the seed.
/// </summary>
public sealed class GeneratorTests(PostgresServer server, ITestOutputHelper output) : IClassFixture<PostgresServer>
{
    /// <summary>Number of writes within which each planted mistake is found.</summary>
    private const int MostWrites = 3_000;

    /// <summary>Number of changed results below which a ratio depends on a few queries.</summary>
    private const int FewChanges = 100;

    /// <summary>Upper limits of the ratio of invalidated to really changed results, by class.</summary>
    private static readonly Dictionary<string, double> Precision = new(StringComparer.Ordinal)
    {
        ["list, terms"] = 1.05,
        ["list, residuals"] = 1.05,
        ["count"] = 1.05,
        ["order with limit"] = 2,
        ["group"] = 2,
        ["include"] = 3,
        ["include by key"] = 3,
        ["include of one"] = 3,
        ["three tables"] = 3,
    };

    private static int Seed => Setting("UNSTALE_GENERATOR_SEED") ?? 20;

    [Theory]
    [InlineData(1, false, 4_000)]
    [InlineData(1, true, 2_000)]
    [InlineData(3, true, 2_000)]
    public async Task No_result_of_SQLite_is_stale_after_any_write(int nodes, bool isSaved, int writes)
    {
        await using var shop = await GeneratorShop.StartAsync(nodes);
        var tallies = await CompareAsync(shop, isSaved, writes);
        foreach (var (name, limit) in isSaved ? [] : Precision)
        {
            if (tallies.TryGetValue(name, out var tally) && tally.Changed >= FewChanges)
                Assert.True(tally.Precision <= limit, $"{name}: {tally.Taken} results were invalidated, but only {tally.Changed} changed.");
        }
    }

    [Theory]
    [InlineData(1, false, 1_000)]
    [InlineData(1, true, 500)]
    [InlineData(3, true, 500)]
    public async Task No_result_of_PostgreSQL_is_stale_after_any_write(int nodes, bool isSaved, int writes)
    {
        await using var shop = await GeneratorShop.StartAsync(server, nodes);
        await CompareAsync(shop, isSaved, writes);
    }

    [Theory]
    [InlineData(WriteMistake.RaisedBeforeCommit)]
    [InlineData(WriteMistake.OldValuesIgnored)]
    [InlineData(WriteMistake.FilterColumnForgotten)]
    public async Task A_mistake_of_a_writer_is_found(WriteMistake mistake)
    {
        await using var shop = await GeneratorShop.StartAsync(nodes: 1);
        var random = new Random(Seed);
        var comparison = new Comparison(shop, new ReportedWrites(shop, random, mistake), random);
        await comparison.RunAsync(MostWrites);
        Assert.NotNull(comparison.Stale);
    }

    private async Task<SortedDictionary<string, Tally>> CompareAsync(GeneratorShop shop, bool isSaved, int writes)
    {
        writes = Setting("UNSTALE_GENERATED_WRITES") ?? writes;
        var random = new Random(Seed);
        var comparison = new Comparison(shop, isSaved ? new SavedWrites(shop, random) : new ReportedWrites(shop, random), random);
        var begin = Stopwatch.GetTimestamp();
        await comparison.RunAsync(writes);
        Assert.True(comparison.Stale is null, $"Stale: {comparison.Stale}");
        Print(comparison.Tallies, $"{writes} writes by {(isSaved ? "contexts" : "SQL, with complete changes")}, {shop.Nodes.Count} nodes, {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s");
        return comparison.Tallies;
    }

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
