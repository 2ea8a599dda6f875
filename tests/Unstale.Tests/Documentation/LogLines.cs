using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>The page for operators names exactly the log lines and instruments of the product.</summary>
public sealed partial class LogLines
{
    private static readonly string Root = Repository.Root;
    private static readonly string Page = File.ReadAllText(Path.Combine(Root, "docs", "operations.md"));

    [Fact]
    public void Every_log_line_is_explained_and_no_other()
    {
        var ids = Directory.GetFiles(Path.Combine(Root, "src"), "EventIds.cs", SearchOption.AllDirectories)
            .SelectMany(file => Constant().Matches(File.ReadAllText(file)))
            .Select(m => $"{m.Groups["number"].Value} {m.Groups["name"].Value}");
        Assert.Equal(ids.Order(StringComparer.Ordinal), Row().Matches(Page).Select(m => m.Groups["line"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_instrument_is_explained_and_no_other()
    {
        var instruments = Directory.GetFiles(Path.Combine(Root, "src"), "*Metrics*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Instrument().Matches(File.ReadAllText(file)))
            .Select(m => m.Groups["name"].Value);
        var attributes = Instrument().Matches(File.ReadAllText(Path.Combine(Root, "src", "Unstale", "Telemetry", "Names.cs"))).Select(m => m.Groups["name"].Value);
        var explained = Name().Matches(Page).Select(m => m.Groups["name"].Value).Except(attributes, StringComparer.Ordinal);
        Assert.Equal(instruments.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), explained.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"const int (?<name>\w+) = (?<number>\d+);", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Constant();

    [GeneratedRegex(@"^\| (?<line>\d+ \w+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex(@"""(?<name>unstale\.[a-z.]+)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instrument();

    [GeneratedRegex("`(?<name>unstale\\.[a-z.]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
