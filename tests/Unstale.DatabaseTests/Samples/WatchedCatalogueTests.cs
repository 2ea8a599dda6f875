using CatalogueSample;
using Npgsql;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.Samples;

/// <summary>Output of samples/EntityFramework with PostgreSQL.</summary>
[Collection<PostgresCollection>]
public sealed class WatchedCatalogueTests(PostgresServer server)
{
    private const string Left =
        "SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database()) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_namespace WHERE nspname = 'unstale_sample')";

    private readonly PrintedLines _output = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Plain_SQL_has_the_effects_of_the_page()
    {
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var changes = CatalogueTranscript.OfChanges();
        Assert.Equal(3, changes.Length);
        var watch = Watch.RunAsync(connectionString, changes.Length, _output, end.Token);
        try
        {
            await PrintedAsync(watch, changes[0]);
            foreach (var change in changes.Skip(1).Select(static line => line.Split('#', StringSplitOptions.TrimEntries)))
            {
                await ExecuteAsync(source, change[1]);
                await PrintedAsync(watch, change[0][change[0].IndexOf(" ms", StringComparison.Ordinal)..]);
            }

            await ExecuteAsync(source, "BEGIN; UPDATE unstale_sample.products SET price = 1; ROLLBACK; BEGIN; DELETE FROM unstale_sample.products WHERE id = 1; COMMIT");
            await PrintedAsync(watch, " ms after the commit: invalidated; now Beam 49.00, Cone 89.00");
        }
        finally
        {
            await end.CancelAsync();
            await watch;
        }

        await using var left = source.CreateCommand(Left);
        Assert.Equal(0L, await left.ExecuteScalarAsync(Stop));
    }

    private static async Task ExecuteAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Stop);
    }

    private Task PrintedAsync(Task watch, string end) => Eventually.TrueAsync($"the last line is: {end}, not: {_output.Text}", async () =>
    {
        if (watch.IsFaulted)
            await watch;
        return _output.Text.EndsWith($"{end}\n", StringComparison.Ordinal);
    });
}
