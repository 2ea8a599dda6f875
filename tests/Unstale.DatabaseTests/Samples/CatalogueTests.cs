using CatalogueSample;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.DatabaseTests.Samples;

/// <summary>The transcripts of samples/EntityFramework in README.md are its output.</summary>
[Collection<PostgresCollection>]
public sealed class CatalogueTests(PostgresServer server)
{
    private const string Command = "$ dotnet run --project samples/EntityFramework";
    private const string Left =
        "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_namespace WHERE nspname = 'unstale_sample')";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_prints_the_table_of_the_page()
    {
        await using var output = new PrintedLines();
        await Demo.RunAsync(output);
        Assert.Equal(Transcript($"{Command}\n"), output.Text);
    }

    [Fact]
    public async Task Plain_SQL_has_the_effects_of_the_page()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var output = new PrintedLines();
        var lines = Transcript($"{Command} -- \"Host=").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var changes = lines.Where(static line => line.Contains('#', StringComparison.Ordinal)).Select(static line => line.Split('#', StringSplitOptions.TrimEntries)).ToList();
        Assert.Equal(2, changes.Count);
        var watch = Watch.RunAsync(connectionString, changes.Count + 1, output, Stop);
        await PrintedAsync(watch, output, lines[1]);
        foreach (var change in changes)
        {
            await ExecuteAsync(source, change[1]);
            await PrintedAsync(watch, output, change[0][change[0].IndexOf(" ms", StringComparison.Ordinal)..]);
        }

        await ExecuteAsync(source, "BEGIN; UPDATE unstale_sample.products SET price = 1; ROLLBACK; BEGIN; DELETE FROM unstale_sample.products WHERE id = 1; COMMIT");
        await watch;
        await PrintedAsync(watch, output, " ms after the commit: invalidated; now Beam 49.00, Cone 89.00");
        await using var left = source.CreateCommand(Left);
        Assert.Equal(0L, await left.ExecuteScalarAsync(Stop));
    }

    /// <summary>Returns the text of README.md from a command to the end of its block.</summary>
    private static string Transcript(string command)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        var start = page.IndexOf(command, StringComparison.Ordinal);
        Assert.True(start > 0, $"README.md has no transcript of: {command}");
        start += command.Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    private static Task PrintedAsync(Task watch, PrintedLines output, string end) => Eventually.TrueAsync($"the last line is: {end}, not: {output.Text}", async () =>
    {
        if (watch.IsFaulted)
            await watch;
        return output.Text.EndsWith($"{end}\n", StringComparison.Ordinal);
    });
}
