using System.Collections.Concurrent;
using Dapper;
using Npgsql;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Unstale.Predicates;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Records made from rows with each replica identity, and the forms of the values.</summary>
[Collection<PostgresCollection>]
public sealed class CapturedRowTests(PostgresServer server) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _targets = [];
    private CaptureShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await CaptureShop.CreateAsync(server);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task The_primary_key_as_identity_carries_the_key_alone()
    {
        await StartAsync("CREATE TABLE t (id int PRIMARY KEY, cat int, name text); INSERT INTO t VALUES (100, 0, '')", "UPDATE t SET cat = 1 WHERE id = 100");
        await ExpectAsync("INSERT INTO t VALUES (1, 3, NULL)", "t", "t:1", "t insert new{id=1;cat=3;name=null}");
        await ExpectAsync("UPDATE t SET cat = 4 WHERE id = 1", "t", "t:1", "t update old{id=1} new{cat=4;name=null} unchanged{id}");
        await ExpectAsync("UPDATE t SET id = 2 WHERE id = 1", "t", "t:2", "t update old{id=1} new{id=2;cat=4;name=null}", "t:1");
        await ExpectAsync("DELETE FROM t WHERE id = 2", "t", "t:2", "t delete old{id=2}");
        await ExpectAsync("TRUNCATE t", "");
    }

    [Fact]
    public async Task The_whole_row_as_identity_carries_old_values_changed_columns_and_unchanged_large_ones()
    {
        await StartAsync(
            "CREATE TABLE t (id int PRIMARY KEY, cat int, big text, twice int GENERATED ALWAYS AS (cat * 2) STORED, seen int DEFAULT 0); ALTER TABLE t REPLICA IDENTITY FULL; " +
            "ALTER TABLE t ALTER big SET STORAGE EXTERNAL; INSERT INTO t VALUES (100, 0, '')",
            "UPDATE t SET cat = 1 WHERE id = 100",
            "seen");
        var big = ColumnHash.Unkeyed.OfText(new string('x', 9000));
        await ExpectAsync("INSERT INTO t VALUES (1, 3, repeat('x', 9000))", "t", "t:1", $"t insert new{{id=1;cat=3;big={big}}}");
        await ExpectAsync("UPDATE t SET cat = 4 WHERE id = 1", "t", "t:1", $"t update old{{id=1;cat=3;big={big}}} new{{cat=4}} changed{{cat,twice}}");
        await ExpectAsync("UPDATE t SET seen = seen + 1; UPDATE t SET big = NULL WHERE id = 1", "t", "t:1", $"t update old{{id=1;cat=4;big={big}}} new{{big=null}} changed{{big,twice}}");
        await ExpectAsync("DELETE FROM t WHERE id = 1", "t", "t:1", "t delete old{id=1;cat=4;big=null}");
    }

    [Fact]
    public async Task An_index_as_identity_carries_the_columns_of_the_index()
    {
        await StartAsync(
            "CREATE TABLE t (id int PRIMARY KEY, code int NOT NULL UNIQUE, name text); ALTER TABLE t REPLICA IDENTITY USING INDEX t_code_key; INSERT INTO t VALUES (100, 100, '')",
            "UPDATE t SET name = 'a' WHERE id = 100");
        await ExpectAsync("INSERT INTO t VALUES (1, 7, NULL)", "t", "t:1", "t insert new{id=1;code=7;name=null}");
        await ExpectAsync("UPDATE t SET name = NULL WHERE id = 1", "t", "t:1", "t update old{code=7} new{id=1;name=null} unchanged{code}");
        await ExpectAsync("UPDATE t SET code = 8 WHERE id = 1", "t", "t:1", "t update old{code=7} new{id=1;code=8;name=null}");
        await ExpectAsync("DELETE FROM t WHERE id = 1", "t", "t delete old{code=8}");
    }

    [Fact]
    public async Task Rows_of_partitions_are_rows_of_the_table_and_an_altered_table_is_everything()
    {
        await StartAsync(
            "CREATE TABLE t (id int, k int, v int, PRIMARY KEY (id, k)) PARTITION BY LIST (k); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); " +
            "CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2); INSERT INTO t VALUES (100, 1, 0)",
            "UPDATE t SET v = 1 WHERE id = 100");
        await ExpectAsync("INSERT INTO t VALUES (1, 1, 9)", "t", "t:1:1", "t insert new{id=1;k=1;v=9}");
        await ExpectAsync("UPDATE t SET k = 2 WHERE id = 1", "t", "t:1:1", "t delete old{id=1;k=1}", "t:1:2", "t insert new{id=1;k=2;v=9}");
        await ExpectAsync("ALTER TABLE t ADD w int DEFAULT 5; UPDATE t SET v = 1 WHERE id = 1", "");
    }

    [Fact]
    public async Task Values_have_the_forms_of_the_values_that_Npgsql_reads()
    {
        string[] rows =
        [
            "1, -32768, 9223372036854775807, 1.50, 'text', 'ab', 'a', true, 0.1, 1e300, '\\x01ff', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '2026-01-02', '2026-01-02 03:04:05.123456', '2026-01-02 03:04:05.6+09'",
            "2, 0, -1, -0.00, 'ünï \"q\"', '', '  b', false, '-0', 'NaN', '', '00000000-0000-0000-0000-000000000000', '0001-01-01', '9999-12-31 23:59:59.999999', '1970-01-01 00:00+00'",
            "3, 1, 0, -792281625142643375935439503.5, E'\\n', 'c', '', true, '1e-40', '-Infinity', '\\xff', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '9999-12-31', '0001-01-01 00:00:00', '2026-06-01 00:00:00.000001+00'",
        ];
        await StartAsync(
            "CREATE TABLE t (id int PRIMARY KEY, a smallint, b bigint, c numeric, d text, e varchar(9), f char(5), g bool, h real, i float8, j bytea, k uuid, l date, m timestamp, n timestamptz)",
            $"INSERT INTO t VALUES ({rows[0].Replace("1,", "100,", StringComparison.Ordinal)})");
        foreach (var row in rows)
        {
            _targets.Clear();
            await _shop.Database.ExecuteAsync($"INSERT INTO t VALUES ({row})");
            var text = await RowAsync();
            var captured = RowText.ParseChange(text)!.New;
            await using var connection = await _shop.Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
            await using var reader = await connection.ExecuteReaderAsync($"SELECT * FROM t WHERE id = {row[0]}");
            await reader.ReadAsync(TestContext.Current.CancellationToken);
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var column = reader.GetName(i);
                var value = column == "f" ? reader.GetString(i).TrimEnd(' ') : reader.GetValue(i);
                Assert.True(ColumnHash.Unkeyed.TryCreate(value, out var form));
                Assert.True(captured.TryGet(column, out var known), $"{column} is unknown in {text}");
                Assert.True(form.Equals(known), $"{column} is {known} and not {form}");
            }
        }
    }

    [Fact]
    public async Task Values_without_a_form_are_unknown()
    {
        await StartAsync(
            "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int PRIMARY KEY, a mood, b int[], c jsonb, d numeric, e timestamptz, f date, g numeric)",
            "INSERT INTO t VALUES (100, 'sad', '{1,null}', '{}', 1)");
        await ExpectAsync(
            "INSERT INTO t VALUES (1, 'sad', '{1,null}', '{}', 'NaN', 'infinity', '0044-03-15 BC', 1234567890123456789012345678901234567890)", "t", "t:1", "t insert new{id=1}");
    }

    private async Task StartAsync(string create, string warm, params string[] ignored)
    {
        await _shop.Database.ExecuteAsync(create);
        var node = await _shop.StartAsync(o => o.AddTable("products").AddTable("t", ignoredColumns: ignored));
        node.Cache.Events.Invalidated += (_, e) =>
        {
            foreach (var target in e.Record is { } record ? record.Targets.ToArray() : [])
            {
                if (target.Kind == TargetKind.Everything || target.Text.StartsWith('t'))
                    _targets.Enqueue(target.Text);
            }
        };
        await _shop.WarmAsync(node);
        await _shop.Database.ExecuteAsync(warm);
        await Eventually.TrueAsync("the reader has seen the table", () => Task.FromResult(_targets.Contains("t any")));
        await Eventually.TrueAsync("the change has passed", () => Task.FromResult(_targets.Contains("t:100") || _targets.Contains("t:100:1")));
    }

    private async Task ExpectAsync(string sql, params string[] targets)
    {
        _targets.Clear();
        await _shop.Database.ExecuteAsync(sql);
        await Eventually.TrueAsync($"{sql} has its targets", () => Task.FromResult(_targets.Count >= targets.Length));
        Assert.Equal(targets, _targets.Take(targets.Length + 1));
    }

    private async Task<string> RowAsync()
    {
        var found = "";
        await Eventually.TrueAsync("the row is in the log", () =>
        {
            found = _targets.FirstOrDefault(static text => text.StartsWith("t insert", StringComparison.Ordinal)) ?? "";
            return Task.FromResult(found.Length > 0);
        });
        return found;
    }
}
