using System.Text.RegularExpressions;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>The workflows run the commands that the pages name, and no other.</summary>
public sealed partial class WorkflowTests
{
    private const string Pack = "dotnet pack Unstale.slnx -c Release --no-build -o artifacts/packages";

    [Fact]
    public void Each_change_is_tested_by_the_script_alone() => Assert.Equal(["./test.sh"], Commands("ci.yml"));

    [Fact]
    public void A_release_is_tested_then_packed_as_the_page_for_contributors_packs() =>
        Assert.Equal(["./test.sh", Pack], Commands("release.yml").Take(2));

    [Fact]
    public void The_page_for_contributors_names_the_command_that_packs() =>
        Assert.Contains($"`{Pack.Replace(" --no-build", "", StringComparison.Ordinal)}`", Read("CONTRIBUTING.md"), StringComparison.Ordinal);

    [Theory]
    [InlineData("ci.yml")]
    [InlineData("release.yml")]
    public void The_sdk_of_a_workflow_is_that_of_the_repository_and_the_history_is_complete(string workflow)
    {
        var text = Read(Path.Combine(".github", "workflows", workflow));
        Assert.Contains("global-json-file: global.json\n", text, StringComparison.Ordinal);
        Assert.Contains("fetch-depth: 0 ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void No_step_that_builds_or_tests_can_read_the_key_of_the_feed()
    {
        var release = Read(Path.Combine(".github", "workflows", "release.yml"));
        Assert.Equal(1, Secret().Count(release));
        Assert.True(release.IndexOf("\n  push:\n    needs: pack\n", StringComparison.Ordinal) is var job and > 0 && Secret().Match(release).Index > job);
    }

    private static IEnumerable<string> Commands(string workflow) =>
        Command().Matches(Read(Path.Combine(".github", "workflows", workflow))).Select(static match => match.Groups["command"].Value);

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex(@"^\s*(- )?run: (?<command>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Command();

    [GeneratedRegex(@"\$\{\{ secrets\.", RegexOptions.None, 1000)]
    private static partial Regex Secret();
}
