using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Conformance;

/// <summary>
/// The public contract of HybridCache, behaviour by behaviour, of this library and of Microsoft's implementation. A change of either changes the
/// expected outcome here and the table on the page about migration.
/// </summary>
public sealed class ConformanceTests
{
    private const string Beginning = "<!-- differences -->\n";
    private const string End = "<!-- end of differences -->\n";

    public static MatrixTheoryData<string, Implementation> Cases => new(Behaviours.All.Select(static behaviour => behaviour.Name), Enum.GetValues<Implementation>());

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_behaviour_has_the_expected_outcome(string behaviour, Implementation implementation)
    {
        var one = Behaviours.All.Single(one => one.Name == behaviour);
        await using var trial = new Trial(implementation);
        Assert.Equal(one.Expected(implementation), await Eventually.Ends("the behaviour ends", one.ObserveAsync(trial)));
    }

    [Fact]
    public void Each_difference_differs_and_has_one_sentence_as_its_reason() =>
        Assert.All(Behaviours.All.Where(static behaviour => behaviour.Reason is not null), static behaviour =>
        {
            Assert.NotEqual(behaviour.Expected(Implementation.AddHybridCache), behaviour.Expected(Implementation.AddUnstale));
            Assert.Matches("^[A-Z][^|]*[^.|]\\.$", behaviour.Reason);
        });

    [Fact]
    public void The_page_about_migration_lists_the_differences()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "migration.md"));
        var (from, to) = (page.IndexOf(Beginning, StringComparison.Ordinal) + Beginning.Length, page.IndexOf(End, StringComparison.Ordinal));
        var table = DifferenceTable.Print();
        Assert.True(
            page.Contains(Beginning, StringComparison.Ordinal) && from <= to && page[from..to] == table,
            $"docs/migration.md needs this text between the lines {Beginning.Trim()} and {End.Trim()}:\n{table}");
    }

    [Theory]
    [InlineData("RemoveByTagAsync of *, or of the tag a*", "`RemoveByTagAsync` of `*`, or of the tag `a*`")]
    [InlineData("A read with the tag *2", "A read with the tag `*2`")]
    [InlineData("the key typeof(IHybridCacheSerializer<Note>)", "the key `typeof(IHybridCacheSerializer<Note>)`")]
    [InlineData("HybridCacheOptions.MaximumKeyLength", "`HybridCacheOptions.MaximumKeyLength`")]
    [InlineData("UnstaleOptions replaces HybridCacheOptions.", "`UnstaleOptions` replaces `HybridCacheOptions`.")]
    [InlineData("Microsoft's JSON is UTF-8 with a Guid.", "Microsoft's JSON is UTF-8 with a Guid.")]
    public void Names_of_code_are_marked_as_code(string text, string marked) => Assert.Equal(marked, DifferenceTable.Marked(text));
}
