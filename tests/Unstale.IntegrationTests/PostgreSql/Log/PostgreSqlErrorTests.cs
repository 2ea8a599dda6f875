using Npgsql;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Telemetry;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Messages about servers, users and databases that a log cannot use: the cause, the remedy and no password.</summary>
[Collection<PostgresCollection>]
public sealed class PostgreSqlErrorTests(PostgresServer server) : IAsyncLifetime
{
    private const string Secret = "s3cr3t-tulip";

    private LogDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string DatabaseName => new NpgsqlConnectionStringBuilder(_database.ConnectionString).Database!;

    public async ValueTask InitializeAsync() => _database = await LogDatabase.OpenAsync(server);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("Username=shop;Password=" + Secret, "28P01", "Check Username and Password")]
    [InlineData("Database=nowhere", "3D000", "Create the database")]
    [InlineData("Port=1", "cannot be used", "Check Host, Port")]
    [InlineData("SSL Mode=VerifyFull", "cannot be used", "the SSL settings")]
    public async Task A_wrong_setting_of_the_connection_is_explained(string setting, string cause, string remedy)
    {
        var text = await UnavailableAsync(setting);
        Assert.Contains(cause, text, StringComparison.Ordinal);
        Assert.Contains(remedy, text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_schema_and_without_CreateSchema_the_message_names_the_script()
    {
        _database.Log(change: s => s with { CreateSchema = false }).Open(new Tests.Log.RecordingObserver());
        Assert.Contains("Run the script of PostgreSqlSchema.Script(\"unstale\") in a migration, or set CreateSchema", await UnavailableAsync(_database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_without_rights_is_told_which_are_missing_and_works_with_exactly_these()
    {
        await PostgreSqlSchema.CreateAsync(_database.Source, cancellationToken: Stop);
        var limited = $"limited_{DatabaseName}";
        await _database.ExecuteAsync($"CREATE ROLE {limited} LOGIN PASSWORD '{Secret}'");
        await using var database = new LogDatabase($"{_database.ConnectionString};Username={limited};Password={Secret}");
        var observer = new Tests.Log.RecordingObserver();
        var session = database.Log(change: s => s with { CreateSchema = false }).Open(observer);
        Assert.Contains("42501", await UnavailableAsync(database), StringComparison.Ordinal);
        Assert.Contains("Grant the user USAGE on the schema unstale, and SELECT, INSERT, UPDATE and DELETE on its tables", await UnavailableAsync(database), StringComparison.Ordinal);

        await _database.ExecuteAsync($"GRANT USAGE ON SCHEMA unstale TO {limited}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA unstale TO {limited}");
        await Eventually.TrueAsync("the session is connected", () => Task.FromResult(observer.Connections == 1));
        var place = await session.PlaceAsync();
        Assert.Equal(1, (await session.AppendAsync(Record("k"))).Sequence);
        Assert.Single((await session.TailAsync(place)).Records);
        Assert.NotEmpty((await session.MembersAsync(0, Stop)).Members);
        await session.DisposeAsync();
        Assert.Equal(0, await _database.QueryAsync<long>("SELECT count(*) FROM unstale.nodes"));
    }

    [Fact]
    public async Task A_user_who_may_not_create_the_schema_is_told_so()
    {
        var limited = $"limited_{DatabaseName}";
        await _database.ExecuteAsync($"CREATE ROLE {limited} LOGIN PASSWORD '{Secret}'");
        await using var database = new LogDatabase($"{_database.ConnectionString};Username={limited};Password={Secret}");
        database.Log().Open(new Tests.Log.RecordingObserver());
        Assert.Contains("the user also needs CREATE on the database", await UnavailableAsync(database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_statement_timeout_of_the_user_is_named()
    {
        var (session, _, _) = await _database.OpenLogAsync(change: s => s with { RequestTimeout = TimeSpan.FromMinutes(1) });
        await _database.ExecuteAsync($"ALTER DATABASE {DatabaseName} SET statement_timeout = '200ms'; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'log' AND datname = current_database()");
        await Eventually.TrueAsync("the session is connected again", async () => await TryTailAsync(session));
        await using var connection = await LockAsync();
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => session.AppendAsync(Record("k")));
        Assert.Contains("57014", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Set statement_timeout of the user to 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_a_reply_in_time_drops_the_connection()
    {
        var (session, observer, place) = await _database.OpenLogAsync(change: s => s with { RequestTimeout = TimeSpan.FromMilliseconds(300) });
        await using (await LockAsync())
        {
            var refused = await Assert.ThrowsAnyAsync<IOException>(() => session.AppendAsync(Record("k")));
            Assert.Contains("did not complete a call within RequestTimeout (00:00:00.3000000)", refused.Message, StringComparison.Ordinal);
        }

        await Eventually.TrueAsync("the session is connected again", () => Task.FromResult(observer is { Disconnections: 1, Connections: 2 }));
        Assert.Equal(place.Cursor, (await session.TailAsync(place)).Sequence);
    }

    [Fact]
    public async Task A_commit_with_a_warning_may_be_missing_on_a_standby_and_counts_as_unknown()
    {
        var (session, observer, _) = await _database.OpenLogAsync();
        await _database.ExecuteAsync("CREATE OR REPLACE FUNCTION unstale.commit_durably() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'canceling wait for synchronous replication'; END $$");
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => session.AppendAsync(Record("k")));
        Assert.Contains("a synchronous standby may lack the commit", refused.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync("the connection is dropped", () => Task.FromResult(observer.Disconnections > 0));
    }

    [Fact]
    public async Task A_database_of_another_encoding_holds_every_key_and_refuses_a_log_of_an_unknown_name()
    {
        await _database.ExecuteAsync($"CREATE DATABASE {DatabaseName}_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        await using var latin = new LogDatabase($"{_database.ConnectionString};Database={DatabaseName}_latin");
        var (session, _, place) = await latin.OpenLogAsync();
        await session.AppendAsync(Record("schlüssel:☃:𝄞"));
        Assert.Equal("schlüssel:☃:𝄞", (await session.TailAsync(place)).Records.Single().Record.Targets[0].Text);

        var named = new Tests.Log.RecordingObserver();
        var refused = latin.Log("☃").Open(named);
        await Eventually.TrueAsync("the session is connected", () => Task.FromResult(named.Connections == 1));
        var why = await Assert.ThrowsAnyAsync<IOException>(() => refused.TailAsync(default));
        Assert.Contains("Use a database with the encoding UTF8", why.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> TryTailAsync(ILogSession session)
    {
        try
        {
            await session.TailAsync(default);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Locks the row of the log until the connection is disposed.</summary>
    private async Task<NpgsqlConnection> LockAsync()
    {
        var connection = new NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Stop);
        await Dapper.SqlMapper.ExecuteAsync(connection, "BEGIN; SELECT 1 FROM unstale.logs FOR UPDATE");
        return connection;
    }

    private async Task<string> UnavailableAsync(string setting)
    {
        await using var database = new LogDatabase($"{_database.ConnectionString};{setting}");
        database.Log().Open(new Tests.Log.RecordingObserver());
        return await UnavailableAsync(database);
    }

    private static async Task<string> UnavailableAsync(LogDatabase database)
    {
        await Eventually.TrueAsync("the failure is logged", () => Task.FromResult(database.Lines.Of(EventIds.DatabaseUnavailable).Count > 0));
        return database.Lines.Of(EventIds.DatabaseUnavailable)[0];
    }
}
