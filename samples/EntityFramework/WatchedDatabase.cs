using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace CatalogueSample;

/// <summary>Schema of the sample in PostgreSQL. Statements run without a context, as those of any other program.</summary>
internal sealed class WatchedDatabase(NpgsqlDataSource source)
{
    private const string Schema = CatalogueContext.Schema;

    /// <summary>
    /// The replica identity with which the server sends old values, and a trigger that notes the time when a commit begins. By default the server records no
    /// time of a commit.
    /// </summary>
    private const string Additions = $"""
        ALTER TABLE {Schema}.products REPLICA IDENTITY FULL;
        CREATE TABLE {Schema}.commits (at timestamptz);
        CREATE FUNCTION {Schema}.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO {Schema}.commits VALUES (clock_timestamp()); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON {Schema}.products DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {Schema}.note();
        """;

    public Task CreateAsync(CatalogueContext context) => ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE; {context.Database.GenerateCreateScript()} {Additions}");

    public Task DropAsync() => ExecuteAsync($"DROP SCHEMA IF EXISTS {Schema} CASCADE");

    /// <summary>Changes a column that no list contains.</summary>
    public Task TouchAsync() => ExecuteAsync($"UPDATE {Schema}.products SET views = views + 1 WHERE id = 1");

    /// <summary>Returns the time since the newest commit began, in milliseconds, by the clock of the server.</summary>
    public async Task<double> SinceCommitAsync()
    {
        await using var command = source.CreateCommand($"SELECT extract(epoch FROM clock_timestamp() - max(at)) * 1000 FROM {Schema}.commits");
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
