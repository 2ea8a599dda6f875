using Unstale.Benchmarks;
using Unstale.Benchmarks.Budgets;
using Unstale.Benchmarks.InProcess.Peers;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Benchmarks;

/// <summary>Page of the documentation that compares caches, written by the benchmarks.</summary>
public sealed class ComparisonPageTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_writes_the_lines_that_it_prints()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("comparison.md");

        var (status, lines, _) = PrintedLines.Run(LineCommands.Peers, "stale", "--page", file);

        Assert.Equal(0, status);
        var page = await File.ReadAllLinesAsync(file, Stop);
        var rows = page.Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.Equal(6, rows.Count);
        Assert.All(rows, row => Assert.Contains(lines, line => line.StartsWith(row.Split('|')[1].Trim() + "  ", StringComparison.Ordinal)));
        Assert.All(rows, static row => Assert.Equal("0 %", row.Split('|')[2].Trim()));
        Assert.Contains("## Stale reads", page);
        Assert.DoesNotContain("## Over Redis", page);
    }

    [Fact]
    public void Lines_in_which_another_cache_is_better_are_listed()
    {
        using var page = new StringWriter();

        ComparisonPage.Write(page, new Dictionary<string, IReadOnlyList<IComparedLine>>(StringComparer.Ordinal)
        {
            ["in-process"] = [MemoryPeerLine.Of("slower than one", "ns", 100, 50, 300), MemoryPeerLine.Of("within the noise", "ns", 100, 95, 300), MemoryPeerLine.Of("no bytes at all", "B", 0, 0, 10), MemoryPeerLine.Of("bytes of none", "B", 120, 0, 300)],
        });

        var text = page.ToString();
        Assert.Contains("| slower than one | 100.0 ns | 50.0 ns | 300.0 ns |  |  |  |  |", text, StringComparison.Ordinal);
        Assert.Equal(["- slower than one: HybridCache is better by a factor of 2.0", "- bytes of none: HybridCache needs nothing"], text.Split(Environment.NewLine).Where(static line => line.StartsWith("- ", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_page_of_the_documentation_has_every_table_and_no_stale_read_of_Unstale()
    {
        var page = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "comparison.md"));

        Assert.Equal(
            ["## Stale reads", "## In the memory of one process", "## Hit ratios of a full cache", "## Over Redis", "## Where Unstale is slower or larger"],
            page.Where(static line => line.StartsWith("## ", StringComparison.Ordinal)));
        var stale = page.SkipWhile(static line => line != "## Stale reads").Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Take(6).ToList();
        Assert.All(stale, static row => Assert.StartsWith("0 %", row.Split('|')[2].Trim(), StringComparison.Ordinal));
    }
}
