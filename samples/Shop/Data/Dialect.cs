using System.Data;
using System.Data.Common;
using Npgsql;

namespace Shop.Data;

/// <summary>Differences between the databases when the shop is prepared. All other SQL is the same for both.</summary>
/// <param name="OnConnection">Statement before the transaction; null for none.</param>
/// <param name="Isolation">Isolation level of the transaction.</param>
/// <param name="Alone">
/// Statement that makes every other preparing process wait until the transaction ends; null if the begin of the transaction does.
/// </param>
/// <param name="Numbered">Type of a column whose values the database counts up, none of them twice.</param>
internal sealed record Dialect(string? OnConnection, IsolationLevel Isolation, string? Alone, string Numbered)
{
    /// <summary>Dialect of SQLite, where a serializable transaction is the only writer.</summary>
    private static readonly Dialect Sqlite = new("PRAGMA journal_mode = WAL", IsolationLevel.Serializable, null, "integer PRIMARY KEY AUTOINCREMENT");

    /// <summary>
    /// Dialect of PostgreSQL. The number is the name of the lock. Read committed: statements after the wait must see the commits of the previous
    /// process, and a snapshot would be older than the wait.
    /// </summary>
    private static readonly Dialect PostgreSql =
        new(null, IsolationLevel.ReadCommitted, "SELECT pg_advisory_xact_lock(5080)", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

    public static Dialect Of(DbConnection connection) => connection is NpgsqlConnection ? PostgreSql : Sqlite;
}
