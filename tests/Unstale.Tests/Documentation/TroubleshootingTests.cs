using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Names on the page about troubleshooting exist on the page about operations, which is compared with the code.</summary>
public sealed partial class TroubleshootingTests
{
    private static readonly string Page = Read("troubleshooting.md");
    private static readonly string Operations = Read("operations.md");

    [Fact]
    public void Every_log_line_named_on_the_troubleshooting_page_is_listed_on_the_operations_page()
    {
        var lines = Line().Matches(Page);
        Assert.True(lines.Count > 20, $"Only {lines.Count} log lines are named.");
        Assert.All(lines, line => Assert.Contains($"| {line.Groups["name"].Value} |", Operations, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_instrument_named_on_the_troubleshooting_page_is_listed_on_the_operations_page()
    {
        var instruments = Instrument().Matches(Page);
        Assert.True(instruments.Count > 5, $"Only {instruments.Count} instruments are named.");
        Assert.All(instruments, instrument => Assert.Contains(instrument.Value, Operations, StringComparison.Ordinal));
    }

    private static string Read(string page) => File.ReadAllText(Path.Combine(Repository.Root, "docs", page));

    [GeneratedRegex("`(?<name>[0-9]+ [A-Z][A-Za-z]+)`", RegexOptions.None, 1000)]
    private static partial Regex Line();

    [GeneratedRegex("`unstale\\.(cache|log|load)\\.[a-z.]+`|`unstale\\.invalidations`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instrument();
}
