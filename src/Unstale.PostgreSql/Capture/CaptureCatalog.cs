using Npgsql;
using NpgsqlTypes;

namespace Unstale.PostgreSql.Capture;

/// <summary>Publication, slot and tables in the catalogs of the server.</summary>
internal static class CaptureCatalog
{
    /// <summary>Returns the state of the slot; null if there is none.</summary>
    public static async Task<SlotState?> SlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        var rows = await connection.RowsAsync(
            """
            SELECT s.active, s.confirmed_flush_lsn, COALESCE(s.wal_status, 'lost'), pg_current_wal_lsn(),
                   (s.plugin = 'pgoutput' AND s.database = current_database()) IS TRUE, pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint
            FROM pg_replication_slots s WHERE s.slot_name = $1
            """,
            static row => new SlotState(
                row.GetBoolean(0), row.IsDBNull(1) ? default : row.GetFieldValue<NpgsqlLogSequenceNumber>(1), row.GetString(2), row.GetFieldValue<NpgsqlLogSequenceNumber>(3),
                row.GetBoolean(4), row.IsDBNull(5) ? 0 : row.GetInt64(5)),
            cancellationToken,
            slot).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0];
    }

    public static Task<bool> HasPublicationAsync(NpgsqlConnection connection, string publication, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1)", cancellationToken, publication);

    /// <summary>Returns the columns of the primary key, and the generated columns, of a table.</summary>
    public static async Task<(IReadOnlyList<string> Key, IReadOnlyList<string> Generated)> ColumnsAsync(
        NpgsqlConnection connection, CapturedTable table, CancellationToken cancellationToken)
    {
        var key = await connection.RowsAsync(
            """
            SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE i.indrelid = to_regclass($1) AND i.indisprimary ORDER BY k.place
            """,
            static row => row.GetString(0), cancellationToken, table.Quoted).ConfigureAwait(false);
        var generated = await connection.RowsAsync(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated <> ''",
            static row => row.GetString(0), cancellationToken, table.Quoted).ConfigureAwait(false);
        return (key, generated);
    }

    /// <summary>Returns the replica identity of each table: <c>d</c>, <c>f</c>, <c>i</c> or <c>n</c>, or <c>-</c> for a table that does not exist.</summary>
    /// <remarks>A table with the default identity and no primary key has none. A partitioned table has the identities of its partitions.</remarks>
    public static async Task<IReadOnlyList<(CapturedTable Table, char Identity)>> IdentitiesAsync(
        NpgsqlConnection connection, IEnumerable<CapturedTable> tables, CancellationToken cancellationToken)
    {
        var identities = new List<(CapturedTable, char)>();
        foreach (var table in tables)
        {
            var found = await connection.RowsAsync(
                """
                SELECT CASE WHEN c.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) THEN 'n'
                            ELSE c.relreplident::text END
                FROM pg_class c
                WHERE c.oid = to_regclass($1) AND c.relkind = 'r' OR c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1)) WHERE isleaf)
                """,
                static row => row.GetString(0)[0], cancellationToken, table.Quoted).ConfigureAwait(false);
            var exists = await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, table.Quoted).ConfigureAwait(false);
            identities.Add((table, !exists ? '-' : found.Contains('n') ? 'n' : found.Contains('i') ? 'i' : found.Contains('d') ? 'd' : 'f'));
        }

        return identities;
    }

    /// <summary>Returns schema and name of each table of the publication.</summary>
    public static Task<List<(string Schema, string Name)>> PublishedAsync(NpgsqlConnection connection, string publication, CancellationToken cancellationToken) =>
        connection.RowsAsync(
            "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = $1",
            static row => (row.GetString(0), row.GetString(1)), cancellationToken, publication);

    /// <summary>Returns the tables that the publication lacks.</summary>
    public static async Task<List<CapturedTable>> UnpublishedAsync(
        NpgsqlConnection connection, string publication, IEnumerable<CapturedTable> tables, CancellationToken cancellationToken)
    {
        var published = await PublishedAsync(connection, publication, cancellationToken).ConfigureAwait(false);
        return [.. tables.Where(table => !published.Contains((table.Schema, table.Name)))];
    }

    /// <summary>Creates the publication, or gives it exactly these tables.</summary>
    public static async Task PublishAsync(NpgsqlConnection connection, string publication, IEnumerable<CapturedTable> tables, CancellationToken cancellationToken)
    {
        var list = string.Join(", ", tables.Select(static table => table.Quoted));
        if (await HasPublicationAsync(connection, publication, cancellationToken).ConfigureAwait(false))
        {
            await connection.ExecuteAsync($"ALTER PUBLICATION {publication} SET TABLE {list}", cancellationToken).ConfigureAwait(false);
            return;
        }

        await connection.ExecuteAsync($"CREATE PUBLICATION {publication} FOR TABLE {list} WITH (publish_via_partition_root = true)", cancellationToken).ConfigureAwait(false);
    }

    public static Task CreateSlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("SELECT pg_create_logical_replication_slot($1, 'pgoutput')", cancellationToken, slot);

    public static Task CopySlotAsync(NpgsqlConnection connection, string from, string to, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("SELECT pg_copy_logical_replication_slot($1, $2)", cancellationToken, from, to);

    /// <summary>Ends the connection that reads the slot, and waits for its end.</summary>
    public static async Task EndReaderAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken)
    {
        while (await connection.ScalarAsync<int?>("SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1", cancellationToken, slot).ConfigureAwait(false) is { } reader)
            await connection.ExecuteAsync("SELECT pg_terminate_backend($1), pg_sleep(0.02)", cancellationToken, reader).ConfigureAwait(false);
    }

    public static Task DropSlotAsync(NpgsqlConnection connection, string slot, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1", cancellationToken, slot);
}
