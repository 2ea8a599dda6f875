using System.Diagnostics;
using Unstale.IntegrationTests.Redis.Log;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.PostgreSql.Telemetry;
using Unstale.Tests.Log;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Breaks of the history: restarts, restored files and rows, promoted standbys. Each test has the server to itself.</summary>
public sealed class PostgreSqlBreakTests(PostgreSqlBreakTests.DurableServer durable) : IClassFixture<PostgreSqlBreakTests.DurableServer>, IAsyncLifetime
{
    private LogDatabase _database = null!;
    private ILogSession _session = null!;
    private RecordingObserver _observer = null!;
    private TailRequest _place;

    public async ValueTask InitializeAsync()
    {
        _database = await LogDatabase.OpenAsync(durable.Server);
        (_session, _observer, _place) = await _database.OpenLogAsync();
        _place = await AppendedAsync(_place);
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_crash_of_the_server_keeps_the_history_and_an_older_copy_of_its_files_is_recognised_by_the_position_of_a_node()
    {
        await durable.Server.StopAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => _session.AppendAsync(Record("k")));
        await RunAsync("cp", "-a", durable.Server.Data, durable.Server.Data + ".copy");
        await durable.Server.StartAgainAsync();
        await ConnectedAgainAsync();
        var reply = await _session.TailAsync(_place);
        Assert.Equal((TailState.Records, _place.Generation, _place.Cursor), (reply.State, reply.Generation, reply.Sequence));
        var later = await AppendedAsync(_place);
        Assert.Equal(_place.Cursor + 1, later.Cursor);

        await durable.Server.StopAsync();
        await RunAsync("rm", "-r", durable.Server.Data);
        await RunAsync("mv", durable.Server.Data + ".copy", durable.Server.Data);
        await durable.Server.StartAgainAsync();
        await ConnectedAgainAsync(3);
        await AssertBrokenAsync(later);
    }

    [Fact]
    public async Task A_promoted_standby_begins_a_new_history_even_if_it_has_all_records()
    {
        await durable.Server.StopAsync();
        await RunAsync("touch", Path.Combine(durable.Server.Data, "standby.signal"));
        await durable.Server.StartAgainAsync();
        await Eventually.TrueAsync("the standby is refused", () => Task.FromResult(_database.Lines.Of(EventIds.DatabaseUnavailable).Any(line => line.Contains("is a standby", StringComparison.Ordinal))));
        Assert.True(await _database.QueryAsync<bool>("SELECT pg_promote()"));
        await ConnectedAgainAsync();
        await AssertBrokenAsync(_place);
    }

    [Fact]
    public async Task A_primary_without_its_synchronous_standby_confirms_no_node()
    {
        var (session, observer, place) = await _database.OpenLogAsync("other", s => s with { RequestTimeout = TimeSpan.FromMilliseconds(500) });
        await _database.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'lost'");
        await _database.ExecuteAsync("SELECT pg_reload_conf()");
        try
        {
            await Eventually.TrueAsync("a tail waits in vain", async () => await Xunit.Record.ExceptionAsync(() => session.TailAsync(place)) is IOException);
            await Eventually.TrueAsync("the session is connected again", () => Task.FromResult(observer.Connections == 2));
            await Assert.ThrowsAnyAsync<IOException>(() => session.TailAsync(place));
        }
        finally
        {
            await _database.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
            await _database.ExecuteAsync("SELECT pg_reload_conf()");
        }
    }

    [Fact]
    public async Task A_row_that_was_restored_from_a_dump_begins_a_new_history()
    {
        await _database.ExecuteAsync("CREATE TEMP TABLE dump AS SELECT * FROM unstale.logs; DELETE FROM unstale.logs; INSERT INTO unstale.logs SELECT * FROM dump");
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => _session.AppendAsync(Record("k")));
        Assert.Contains("is broken", refused.Message, StringComparison.Ordinal);
        await AssertBrokenAsync(_place);
    }

    [Fact]
    public async Task A_deleted_row_begins_a_new_history()
    {
        await _database.ExecuteAsync("TRUNCATE unstale.logs, unstale.records, unstale.nodes");
        await Eventually.TrueAsync("the node is asked for a tail", () => Task.FromResult(_observer.Misses > 0));
        var broken = await _session.TailAsync(_place);
        Assert.Equal((TailState.Broken, Generation.None), (broken.State, broken.Generation));
        Assert.NotEqual(_place.Generation, (await _session.PlaceAsync()).Generation);
    }

    [Fact]
    public async Task A_history_that_no_node_has_confirmed_for_as_long_as_a_node_may_serve_is_broken()
    {
        await _session.TailAsync(_place with { ServesFor = TimeSpan.FromSeconds(5) });
        await _database.ExecuteAsync(
            "UPDATE unstale.nodes SET confirmed = confirmed - interval '6 seconds'; UPDATE unstale.logs SET confirmed = confirmed - interval '6 seconds', written_by = pg_current_xact_id()");
        await AssertBrokenAsync(_place);
    }

    [Fact]
    public async Task A_dropped_schema_is_created_again()
    {
        await _database.ExecuteAsync("DROP SCHEMA unstale CASCADE");
        var refused = await Assert.ThrowsAnyAsync<IOException>(() => _session.TailAsync(_place));
        Assert.Contains("The schema unstale is missing", refused.Message, StringComparison.Ordinal);
        await ConnectedAgainAsync();
        Assert.NotEqual(_place.Generation, (await _session.PlaceAsync()).Generation);
    }

    private async Task<TailRequest> AppendedAsync(TailRequest place)
    {
        var record = Record("k");
        var reply = await _session.AppendAsync(record);
        return place with { Cursor = reply.Sequence, IdAtCursor = record.Id };
    }

    private Task ConnectedAgainAsync(int connections = 2) =>
        Eventually.TrueAsync("the session is connected again", () => Task.FromResult(_observer.Connections == connections));

    private async Task AssertBrokenAsync(TailRequest place)
    {
        var broken = await _session.TailAsync(place);
        Assert.Equal((TailState.Broken, place.Generation), (broken.State, broken.Generation));
        await _session.CreateGenerationAsync(0, broken.Generation, TestContext.Current.CancellationToken);
        var next = await _session.PlaceAsync();
        Assert.True(next.Generation.Number > place.Generation.Number);
        Assert.Equal(1, (await _session.AppendAsync(Record("k"))).Sequence);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>Server whose commits wait for the disk, so that a restart loses nothing.</summary>
    public sealed class DurableServer : IAsyncLifetime
    {
        public PostgresServer Server { get; } = new(isDurable: true);

        public ValueTask InitializeAsync() => Server.InitializeAsync();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
