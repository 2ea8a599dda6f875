using CatalogueSample;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.DatabaseTests.Samples;

/// <summary>Output of samples/EntityFramework.</summary>
[Collection<PostgresCollection>]
public sealed class CatalogueTests(PostgresServer server)
{
    private const string Command = "$ dotnet run --project samples/EntityFramework\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_program_prints_the_table_of_the_page()
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await Demo.RunAsync(output);
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Stop);
        var start = page.IndexOf(Command, StringComparison.Ordinal) + Command.Length;
        Assert.True(start > Command.Length, "README.md has no transcript of the sample.");
        Assert.Equal(page[start..page.IndexOf("```", start, StringComparison.Ordinal)], output.ToString());
    }

    [Fact]
    public async Task Changes_by_plain_SQL_invalidate_the_list_that_they_concern()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var lines = new PrintedLines();
        var watch = Watch.RunAsync(connectionString, changes: 3, lines, Stop);
        await PrintedAsync("cached: Arc 39.00, Beam 45.00, Cone 89.00\n");
        await ChangeAsync("UPDATE unstale_sample.products SET views = views + 1");
        await PrintedAsync(" ms after the commit: still cached\n");
        await ChangeAsync("UPDATE unstale_sample.products SET price = 49 WHERE id = 2");
        await PrintedAsync(" ms after the commit: invalidated; now Arc 39.00, Beam 49.00, Cone 89.00\n");
        await ChangeAsync("BEGIN; DELETE FROM unstale_sample.products WHERE id = 1; COMMIT");
        await watch;
        await PrintedAsync(" ms after the commit: invalidated; now Beam 49.00, Cone 89.00\n");
        await using var left = source.CreateCommand(
            "SELECT (SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'unstale_sample') + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_namespace WHERE nspname = 'unstale_sample')");
        Assert.Equal(0L, await left.ExecuteScalarAsync(Stop));

        async Task ChangeAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(Stop);
        }

        async Task PrintedAsync(string end) => await Eventually.TrueAsync(
            $"the sample prints: {end}",
            () => watch.IsFaulted ? Task.FromException<bool>(watch.Exception.InnerException!) : Task.FromResult(lines.Text.EndsWith(end, StringComparison.Ordinal)));
    }
}
