using Unstale.IntegrationTests.Redis.Log;
using Unstale.Log;
using Unstale.PostgreSql.Telemetry;
using Xunit;
using static Unstale.IntegrationTests.Redis.Log.LogSessions;
using Eventually = Unstale.Tests.Support.Eventually;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>The log in PostgreSQL beyond the contract of all logs: positions, notifications, retention, versions.</summary>
[Collection<PostgresCollection>]
public sealed class PostgreSqlLogTests(PostgresServer server) : IAsyncLifetime
{
    private LogDatabase _database = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await LogDatabase.OpenAsync(server);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_reader_that_sees_a_position_sees_all_positions_below()
    {
        var sessions = new List<ILogSession>();
        for (var i = 0; i < 4; i++)
            sessions.Add((await _database.OpenLogAsync()).Session);
        var appends = Task.WhenAll(sessions.Select(session => Task.Run(
            async () =>
            {
                for (var i = 0; i < 40; i++)
                    await session.AppendAsync(0, Enumerable.Range(0, 3).Select(n => Record($"k{n}")).ToArray(), Stop);
            },
            Stop)));
        var seen = 0L;
        while (!appends.IsCompleted || seen < 480)
        {
            var (newest, count) = await _database.QueryAsync<(long, long)>("SELECT coalesce(max(sequence), 0), count(*) FROM unstale.records");
            Assert.Equal(newest, count);
            Assert.True(newest >= seen);
            seen = newest;
        }

        await appends;
    }

    [Fact]
    public async Task A_lost_notification_costs_at_most_a_poll()
    {
        var (session, observer, _) = await _database.OpenLogAsync(change: s => s with { PollInterval = TimeSpan.FromMilliseconds(50) });
        await _database.ExecuteAsync("SELECT unstale.append('log', ARRAY[7], ARRAY['{\"at\":0,\"by\":\"n\",\"of\":\"s\",\"targets\":[{\"key\":\"k\"}]}'::bytea], false)");
        await Eventually.Holds("the record is found without a notification", () => !observer.Pushes.IsEmpty);
        Assert.Equal("k", observer.Pushes.Single().Record.Record.Targets[0].Text);
        Assert.NotNull(session);
    }

    [Fact]
    public async Task A_notification_brings_a_record_before_the_next_poll()
    {
        var (_, observer, _) = await _database.OpenLogAsync(change: s => s with { PollInterval = TimeSpan.FromMinutes(1) });
        var (writer, _, _) = await _database.OpenLogAsync();
        await ListeningAsync(2);
        await writer.AppendAsync(Record("k"));
        await Eventually.Holds("the record is pushed", () => observer.Pushes.Count == 1);
    }

    [Fact]
    public async Task A_killed_connection_is_opened_again_and_missed_records_arrive()
    {
        var (session, observer, place) = await _database.OpenLogAsync();
        await ListeningAsync(1);
        Assert.Equal(2, await _database.QueryAsync<long>(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'log'"));
        await Eventually.Holds("the connection is opened again", () => observer.Disconnections == 1 && observer.Connections == 2);
        var record = Record("k");
        await _database.ExecuteAsync("SELECT unstale.append('log', ARRAY[7], ARRAY['x'::bytea], false)");
        var reply = await session.TailAsync(place);
        Assert.Equal((TailState.Records, place.Cursor + 1), (reply.State, reply.Sequence));
        Assert.Equal(place.Cursor + 2, (await session.AppendAsync(record)).Sequence);
        Assert.Contains("57P01", Assert.Single(_database.Lines.Of(EventIds.DatabaseDisconnected)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_connection_for_notifications_the_log_works_and_the_connection_returns()
    {
        var (_, observer, _) = await _database.OpenLogAsync(change: s => s with { PollInterval = TimeSpan.FromMinutes(1) });
        var (writer, _, _) = await _database.OpenLogAsync();
        await ListeningAsync(2);
        await _database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'");
        await writer.AppendAsync(Record("k"));
        await Eventually.Holds("the record is found when the connection returns", () => observer.Pushes.Count == 1);
        Assert.Equal((1, 0), (observer.Connections, observer.Disconnections));
        Assert.Contains("57P01", _database.Lines.Of(EventIds.NotListening)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_keeps_about_as_many_records_as_its_length()
    {
        var (session, _, place) = await _database.OpenLogAsync(change: s => s with { LogLength = 100 });
        for (var i = 0; i < 8; i++)
            await session.AppendAsync(0, Enumerable.Range(0, 100).Select(n => Record($"k{n}")).ToArray(), Stop);
        await IntegrationTests.Support.Eventually.TrueAsync(
            "old records are removed", async () => await _database.QueryAsync<long>("SELECT count(*) FROM unstale.records") <= 200);
        var reply = await session.TailAsync(place);
        Assert.Equal((TailState.Records, place.Cursor + 800), (reply.State, reply.Sequence));
        Assert.NotEqual(place.Cursor + 1, reply.Records[0].Sequence);
        Assert.Equal(place.Cursor + 800, reply.Records[^1].Sequence);
    }

    [Fact]
    public async Task Records_of_a_replaced_history_are_removed_and_its_longest_serving_time_remains()
    {
        var (session, _, place) = await _database.OpenLogAsync();
        await session.AppendAsync(0, Enumerable.Range(0, 100).Select(n => Record($"k{n}")).ToArray(), Stop);
        await session.TailAsync(place with { ServesFor = TimeSpan.FromSeconds(40) });
        await session.CreateGenerationAsync(0, place.Generation, Stop);
        var next = await session.PlaceAsync();
        Assert.Equal(TimeSpan.FromSeconds(40), (await session.MembersAsync(0, Stop)).LongestServed); // its nodes may still serve
        Assert.True(next.Generation.Number > place.Generation.Number);
        Assert.Equal(0, next.Cursor);
        await IntegrationTests.Support.Eventually.TrueAsync("old records are removed", async () => await _database.QueryAsync<long>("SELECT count(*) FROM unstale.records") == 0);
    }

    [Fact]
    public async Task A_version_is_newest_unknown_or_superseded()
    {
        var (session, _, _) = await _database.OpenLogAsync();
        var first = await session.AppendAsync(Versioned("k", 5));
        Assert.Equal(VersionState.Unknown, first.Version); // a higher version may have been reported before the log was created
        var late = await session.AppendAsync(Versioned("k", 5));
        Assert.Equal((VersionState.Superseded, first.Sequence, first.Sequence), (late.Version, late.Sequence, late.Newest));
        await _database.ExecuteAsync("UPDATE unstale.logs SET versions_since = versions_since - interval '11 minutes', written_by = pg_current_xact_id()");
        Assert.Equal(VersionState.Newest, (await session.AppendAsync(Versioned("other", 1))).Version);
        Assert.Equal(VersionState.Unknown, (await session.AppendAsync(Versioned("k", 6))).Version); // the cell remains unsure
        var unchecked_ = await session.AppendAsync(Versioned("other", 1, hasValue: false));
        Assert.NotEqual(VersionState.Superseded, unchecked_.Version);
        await session.AppendAsync(Record(InvalidationTarget.Everything));
        Assert.Equal(VersionState.Unknown, (await session.AppendAsync(Versioned("other", 1))).Version); // everything may have replaced reports of versions
    }

    [Fact]
    public async Task A_record_of_an_unknown_format_counts_as_everything_and_is_logged_once()
    {
        var (session, observer, place) = await _database.OpenLogAsync();
        await _database.ExecuteAsync("SELECT unstale.append('log', ARRAY[7, 8], ARRAY['{\"later\":1}', 'no json']::bytea[], false)");
        var reply = await session.TailAsync(place);
        Assert.Equal([(7, TargetKind.Everything), (8, TargetKind.Everything)], reply.Records.Select(r => (r.Record.Id, r.Record.Targets[0].Kind)));
        Assert.Single(_database.Lines.Of(EventIds.DatabaseRecordUnreadable));
        Assert.NotNull(observer);
    }

    [Fact]
    public async Task A_dropped_node_is_listed_as_one_that_may_still_serve()
    {
        var (session, _, place) = await _database.OpenLogAsync();
        var (other, _, _) = await _database.OpenLogAsync();
        await other.TailAsync(place with { ServesFor = TimeSpan.FromSeconds(40) });
        await session.TailAsync(place with { ServesFor = TimeSpan.FromSeconds(5) });
        await _database.ExecuteAsync("UPDATE unstale.nodes SET seen = seen - interval '2 hours' WHERE serves = 40000");
        var members = await session.MembersAsync(0, Stop);
        Assert.Equal(TimeSpan.FromSeconds(40), members.LongestServed);
        var dropped = Assert.Single(members.Members, member => member.Generation == Generation.None);
        Assert.Equal(("dropped 1", TimeSpan.FromSeconds(40)), (dropped.Node, dropped.ServesFor));
    }

    [Fact]
    public async Task An_append_that_waits_for_another_node_succeeds_whatever_isolation_is_the_default()
    {
        await _database.ExecuteAsync($"ALTER DATABASE {new Npgsql.NpgsqlConnectionStringBuilder(_database.ConnectionString).Database} SET default_transaction_isolation = 'serializable'");
        var (session, _, _) = await _database.OpenLogAsync();
        await using var other = new Npgsql.NpgsqlConnection(_database.ConnectionString + ";Pooling=false");
        await other.OpenAsync(Stop);
        await Dapper.SqlMapper.ExecuteAsync(other, "BEGIN; UPDATE unstale.logs SET written_by = pg_current_xact_id()");
        var append = session.AppendAsync(Record("k"));
        await IntegrationTests.Support.Eventually.TrueAsync("the append waits for the other node", async () =>
            await _database.QueryAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1);
        await Dapper.SqlMapper.ExecuteAsync(other, "COMMIT");
        Assert.Equal(1, (await append).Sequence);
    }

    [Fact]
    public async Task An_append_waits_for_the_disk_even_if_the_user_does_not()
    {
        await _database.OpenLogAsync();
        foreach (var call in new[]
                 {
                     "unstale.append('log', ARRAY[7], ARRAY['x'::bytea], false)",
                     "unstale.tail('log', NULL, 0, 0, 0, 0, 'n', 5000, true, 10, 10)",
                     "unstale.begin_history('log', NULL, gen_random_uuid())",
                     "unstale.members('log')",
                 })
        {
            await using var connection = new Npgsql.NpgsqlConnection(_database.ConnectionString);
            await connection.OpenAsync(Stop);
            await using var transaction = await connection.BeginTransactionAsync(Stop);
            await Dapper.SqlMapper.ExecuteAsync(connection, "SET synchronous_commit = off; SELECT " + call);
            Assert.Equal("on", await Dapper.SqlMapper.QuerySingleAsync<string>(connection, "SHOW synchronous_commit"));
        }
    }

    private static InvalidationRecord Versioned(string key, long version, bool hasValue = true) =>
        new(Random.Shared.NextInt64(1, long.MaxValue), InvalidationTarget.ForKey(key), new RecordOrigin("n", "s"), DateTimeOffset.UnixEpoch)
        {
            Version = new KeyVersion("cache", version) { HasValue = hasValue },
        };

    /// <summary>Waits until the connections for notifications of a number of sessions listen.</summary>
    private Task ListeningAsync(int count) => IntegrationTests.Support.Eventually.TrueAsync("the sessions listen", async () =>
        await _database.QueryAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%' AND state = 'idle'") == count);
}
