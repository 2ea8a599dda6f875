using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>
/// Code in the documents is compiled: a comment before each C# block names a file, and the file contains the block except for its
/// indentation.
/// </summary>
public sealed partial class Snippets
{
    private static readonly string Root = Repository.Root;

    public static TheoryData<string> Documents => [.. Pages.All.Select(static file => Path.GetRelativePath(Root, file))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_code_block_of_a_document_is_contained_in_its_named_file(string document)
    {
        var text = File.ReadAllText(Path.Combine(Root, document));
        var blocks = Named().Matches(text);
        Assert.Equal(Opened().Count(text), blocks.Count);
        foreach (Match block in blocks)
        {
            var source = File.ReadAllText(Path.Combine(Root, block.Groups["file"].Value));
            Assert.Contains(Unindented(block.Groups["code"].Value), Unindented(source), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_program_of_the_getting_started_page_is_the_whole_sample()
    {
        var code = Named().Match(File.ReadAllText(Path.Combine(Root, "docs/getting-started.md"))).Groups["code"].Value;
        Assert.Equal(File.ReadAllText(Path.Combine(Root, "samples/GettingStarted/Program.cs")).Trim(), code.Trim());
    }

    private static string Unindented(string code) =>
        string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    [GeneratedRegex("^```csharp", RegexOptions.Multiline, 1000)]
    private static partial Regex Opened();

    [GeneratedRegex("<!-- (?<file>[^ ]+\\.cs) -->\n```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline, 1000)]
    private static partial Regex Named();
}
