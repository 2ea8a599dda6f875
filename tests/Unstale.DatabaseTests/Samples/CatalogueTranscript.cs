using Unstale.Tests.Support;
using Xunit;

namespace Unstale.DatabaseTests.Samples;

/// <summary>Transcripts of samples/EntityFramework in README.md.</summary>
internal static class CatalogueTranscript
{
    private const string Command = "$ dotnet run --project samples/EntityFramework";

    /// <summary>Returns the output for SQLite.</summary>
    public static string OfTable() => After($"{Command}\n");

    /// <summary>Returns the output for PostgreSQL, with the statements that change the table as comments.</summary>
    public static string[] OfChanges() => [.. After($"{Command} -- \"Host=").Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)];

    private static string After(string command)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var start = page.IndexOf(command, StringComparison.Ordinal);
        Assert.True(start > 0, $"README.md has no transcript of: {command}");
        start += command.Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
