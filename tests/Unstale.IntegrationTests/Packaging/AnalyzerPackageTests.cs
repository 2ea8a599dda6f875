using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Packaging;

/// <summary>A new project of a user, whose code has a mistake, built with packages of the packed feed.</summary>
[Collection<PackagingCollection>]
public sealed partial class AnalyzerPackageTests(PackedFeed feed) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Unstale")]
    [InlineData("Unstale.AspNetCore")]
    [InlineData("Unstale.OpenTelemetry")]
    [InlineData("Unstale.Redis")]
    public async Task A_project_with_one_of_the_libraries_has_the_warnings_and_no_analyzer_in_its_output(string package)
    {
        await WriteAsync($"<PackageReference Include=\"{package}\" Version=\"{feed.Version}\" />");
        Assert.Equal(("UNSTALE004", "1"), await WarningsAsync());
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path, "*.dll", SearchOption.AllDirectories), IsAnalyzerOutput);
    }

    [Fact]
    public async Task A_second_reference_to_the_analyzers_reports_nothing_twice()
    {
        await WriteAsync($"<PackageReference Include=\"Unstale\" Version=\"{feed.Version}\" /><PackageReference Include=\"Unstale.Analyzers\" Version=\"{feed.Version}\" PrivateAssets=\"all\" />");
        Assert.Equal(("UNSTALE004", "1"), await WarningsAsync());
    }

    private async Task WriteAsync(string references)
    {
        await File.WriteAllTextAsync(_folder.File("nuget.config"), feed.Configuration);
        await File.WriteAllTextAsync(_folder.File("Mistake.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(_folder.File("Program.cs"), """
            using Unstale;

            Console.WriteLine(new Searches(null));

            internal sealed class Searches(IInvalidator invalidator)
            {
                public async Task RemoveAsync(string text) => await invalidator.InvalidatePatternAsync(new GlobPattern($"search:{text}:*"));
            }
            """);
    }

    /// <summary>Builds the project. The summary repeats each warning, and counts each once.</summary>
    private async Task<(string Rules, string Count)> WarningsAsync()
    {
        var report = await Dotnet.RunWithWarningsAsync(_folder.Path, [("NUGET_PACKAGES", _folder.File("packages"))], "build", "Mistake.csproj", "-m:1", "-p:NuGetAudit=false");
        return (string.Join(' ', Warning().Matches(report).Select(static match => match.Groups["id"].Value).Distinct(StringComparer.Ordinal)), Count().Match(report).Groups["count"].Value);
    }

    private static bool IsAnalyzerOutput(string file) =>
        Path.GetFileName(file).StartsWith("Unstale.Analyzers", StringComparison.Ordinal) && file.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    [GeneratedRegex(": warning (?<id>[A-Z]+[0-9]+):", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Warning();

    [GeneratedRegex("(?<count>[0-9]+) Warning\\(s\\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Count();
}
