using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Comments and pages use plain technical prose: verbs and nouns of the field, few pronouns.</summary>
public sealed class ProseTests
{
    private static readonly string Separator = $"{Path.DirectorySeparatorChar}";

    // Records of past decisions and releases are left as written.
    private static readonly string[] History = ["CHANGELOG.md", "docs/design-decisions.md"];

    [Fact]
    public void Comments_of_the_product_are_plain_prose() =>
        AssertPlain(ProseLimits.OfComments.Excess(Sources().SelectMany(file => ProseLine.OfComments(Name(file), File.ReadAllText(file)))));

    [Fact]
    public void Comments_of_the_scripts_are_plain_prose() =>
        AssertPlain(ProseLimits.OfComments.Excess(Sources("*.lua").SelectMany(file => ProseLine.OfScript(Name(file), File.ReadAllText(file)))));

    [Fact]
    public void No_summary_or_parameter_of_the_product_begins_with_a_relative_pronoun() =>
        Assert.Empty(Sources().SelectMany(file => ProseLine.RelativeBeginnings(Name(file), File.ReadAllText(file))));

    [Fact]
    public void Pages_of_the_documentation_are_plain_prose() =>
        AssertPlain(ProseLimits.OfPages.Excess(Pages.All.Where(static file => !History.Contains(Name(file), StringComparer.Ordinal)).SelectMany(file => ProseLine.OfPage(Name(file), File.ReadAllText(file)))));

    [Theory]
    [InlineData("The log says when.", "verbs of speech")]
    [InlineData("A record goes to every node.", "verbs of motion")]
    [InlineData("Whatever the store holds.", "free relatives")]
    [InlineData("Drops them.", "pronouns")]
    public void A_comment_with_too_many_words_of_a_class_is_found(string comment, string counted) =>
        Assert.Contains($"{counted} in 1,000 words", Excess(ProseLine.OfComments("A.cs", $"int a; // {comment}")), StringComparison.Ordinal);

    [Fact]
    public void Comments_of_a_script_are_prose_and_its_code_is_not() =>
        Assert.Equal(
            [(1, "Removes the value."), (2, "at most once")],
            ProseLine.OfScript("a.lua", "-- Removes the value.\nlocal held = 1 -- at most once\nlocal it = held\n").Select(static line => (line.Number, line.Text)));

    [Theory]
    [InlineData("/// <summary>Drops the entry.</summary>")]
    [InlineData("var who = \"it says://what they told\";")]
    [InlineData("/// <param name=\"what\">A key.</param>")]
    public void Code_and_tags_are_no_prose(string code) =>
        Assert.Empty(Excess(ProseLine.OfComments("A.cs", code)));

    [Fact]
    public void A_frequency_at_its_limit_is_plain_and_one_above_lists_the_worst_lines_first()
    {
        var limits = new ProseLimits((WordClass.Speech, 400));
        ProseLine[] plain = [new("A.cs", 7, "Nodes drop entries."), new("B.cs", 8, "asks, told")];
        Assert.Empty(limits.Excess(plain));
        Assert.Equal(
            "7 words\n428.6 verbs of speech in 1,000 words, at most 400\nB.cs:8: asks, told: asks, told\nA.cs:9: Answers: Answers late.",
            limits.Excess([.. plain, new("A.cs", 9, " Answers late.")]));
    }

    [Fact]
    public void At_most_30_lines_are_listed() =>
        Assert.Equal(30, Excess(Enumerable.Range(1, 40).Select(static number => new ProseLine("A.cs", number, "that"))).Split('\n').Count(static line => line.StartsWith("A.cs:", StringComparison.Ordinal)));

    [Theory]
    [InlineData("/// <summary>What a node holds.</summary>", "A.cs:2: What")]
    [InlineData("/// <summary>\n    /// Whoever waits.\n    /// </summary>", "A.cs:2: Whoever")]
    [InlineData("/// <param name=\"key\"><b>who</b> waits.</param>", "A.cs:2: who")]
    public void A_summary_or_parameter_that_begins_with_a_relative_pronoun_is_found(string comment, string found) =>
        Assert.Equal([found], ProseLine.RelativeBeginnings("A.cs", $"// First line.\n{comment}\nint a;"));

    [Theory]
    [InlineData("/// <summary>Entries of a node that says what it holds.</summary>")]
    [InlineData("/// <returns>What a node holds.</returns>")]
    [InlineData("/// <summary>Whole.</summary>")]
    public void A_summary_or_parameter_that_begins_with_another_word_is_accepted(string comment) =>
        Assert.Empty(ProseLine.RelativeBeginnings("A.cs", comment));

    [Fact]
    public void Code_targets_of_links_and_comments_of_a_page_are_no_prose()
    {
        const string page = "# Log\n```csharp\nsays(what);\n```\n<!-- says -->\nA `told` [node](it/says.md) waits.\n";
        Assert.Equal([(1, "# Log"), (6, "A   [node] waits."), (7, "")], ProseLine.OfPage("a.md", page).Select(static line => (line.Number, line.Text)));
    }

    private static string Excess(IEnumerable<ProseLine> lines) => ProseLimits.OfComments.Excess(lines);

    private static void AssertPlain(string excess) => Assert.True(excess.Length == 0, excess);

    private static IEnumerable<string> Sources(string pattern = "*.cs") =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), pattern, SearchOption.AllDirectories)
            .Where(static file => !file.Contains($"{Separator}obj{Separator}", StringComparison.Ordinal));

    private static string Name(string file) => Path.GetRelativePath(Repository.Root, file).Replace('\\', '/');
}
