using System.Text.RegularExpressions;
using Unstale.Analyzers;
using Unstale.Tests.Analyzers;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>The page about the analyzers describes every rule, and its examples are reported as written.</summary>
public sealed partial class AnalyzersPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "analyzers.md"));

    private static readonly Microsoft.CodeAnalysis.DiagnosticDescriptor[] Rules =
        [.. typeof(Descriptors).GetFields().Select(static field => field.GetValue(null)).OfType<Microsoft.CodeAnalysis.DiagnosticDescriptor>()];

    [Theory]
    [InlineData("AnalyzersExample.cs")]
    [InlineData("AnalyzersRegistrationExample.cs")]
    public async Task The_marked_lines_of_an_example_are_reported_and_no_others(string file)
    {
        var code = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "tests", "Unstale.Tests", "Documentation", file), TestContext.Current.CancellationToken);
        using var project = new AnalyzedProject(code);
        var marked = code.Split('\n').Select(static (line, index) => (Line: index, Rule: Mark().Match(line).Groups["rule"].Value)).Where(static line => line.Rule.Length > 0);
        var found = await project.FindAsync();
        Assert.Equal(marked, found.Select(static one => (one.Location.GetLineSpan().StartLinePosition.Line, one.Id)));
    }

    [Fact]
    public void Each_rule_has_a_section_with_its_title_two_examples_and_an_anchor_for_its_help_link()
    {
        var sections = Section().Matches(Page);
        Assert.Equal(
            Rules.Select(static rule => (rule.Id, $"{rule.Title}")).Order(),
            sections.Select(static section => (section.Groups["rule"].Value, section.Groups["title"].Value)));
        Assert.All(Rules, rule => Assert.EndsWith($"docs/analyzers.md#{rule.Id.ToLowerInvariant()}", rule.HelpLinkUri, StringComparison.Ordinal));
        Assert.All(sections, static section => Assert.True(section.Groups["text"].Value.Split("```csharp").Length > 2, section.Groups["rule"].Value));
        Assert.All(sections, static section => Assert.Contains($"<a id=\"{section.Groups["rule"].Value.ToLowerInvariant()}\"></a>", section.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void The_release_file_and_the_readme_of_the_package_list_every_rule()
    {
        var folder = Path.Combine(Repository.Root, "src", "Unstale.Analyzers");
        var listed = File.ReadAllText(Path.Combine(folder, "AnalyzerReleases.Shipped.md")) + File.ReadAllText(Path.Combine(folder, "AnalyzerReleases.Unshipped.md"));
        var readme = File.ReadAllText(Path.Combine(folder, "README.md"));
        Assert.NotEmpty(Rules);
        Assert.All(Rules, rule => Assert.Contains(rule.Id, listed, StringComparison.Ordinal));
        Assert.All(Rules, rule => Assert.Contains($"| {rule.Id} |", readme, StringComparison.Ordinal));
    }

    [GeneratedRegex("// (?<rule>UNSTALE[0-9]{3})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Mark();

    [GeneratedRegex("^## (?<rule>UNSTALE[0-9]{3}): (?<title>[^\n]+)\n(?<text>.*?)(?=^## |\\z)", RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.Singleline, 1000)]
    private static partial Regex Section();
}
