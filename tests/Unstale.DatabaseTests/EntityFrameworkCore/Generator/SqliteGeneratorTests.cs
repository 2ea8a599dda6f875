using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Runs over SQLite on one node and on three, whose contexts read old values, and planted mistakes of writers.</summary>
public sealed class SqliteGeneratorTests(ITestOutputHelper output) : GeneratorTest(output)
{
    /// <summary>Number of writes within which each planted mistake is found.</summary>
    private const int MostWrites = 3_000;

    /// <summary>Number of changed results below which a ratio depends on a few queries.</summary>
    private const int FewChanges = 100;

    /// <summary>Upper limits of the ratio of invalidated to really changed results after writes of known rows, by class, for any seed.</summary>
    private static readonly Dictionary<string, double> Precision = new(StringComparer.Ordinal)
    {
        ["list, terms"] = 1.05,
        ["count"] = 1.05,
        ["list, residuals"] = 1.15,
        ["include"] = 2,
        ["include by key"] = 3,
        ["include of one"] = 3,
        ["order with limit"] = 5,
    };

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
            if (tallies.TryGetValue(name, out var tally) && tally.ChangedByRows >= FewChanges)
                Assert.True(tally.Precision <= limit, $"{name}: {tally.TakenByRows} results were invalidated, but only {tally.ChangedByRows} changed.");
        }
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
}
