using System.Data;
using System.Data.Common;
using Npgsql;

namespace Shop.Data;

/// <summary>What one database does in its own way when the shop is prepared; all other SQL is the same for both.</summary>
/// <param name="OnConnection">What is said before the transaction begins; null for nothing.</param>
/// <param name="Isolation">The level of the transaction.</param>
/// <param name="Alone">What makes every other process that prepares wait until the transaction ends; null when its beginning does.</param>
/// <param name="Numbered">A column whose values the database counts up, none of them twice.</param>
internal sealed record Dialect(string? OnConnection, IsolationLevel Isolation, string? Alone, string Numbered)
{
    /// <summary>A serializable transaction of SQLite is its only writer.</summary>
    private static readonly Dialect Sqlite = new("PRAGMA journal_mode = WAL", IsolationLevel.Serializable, null, "integer PRIMARY KEY AUTOINCREMENT");

    /// <summary>
    /// The number is the lock's name. Read committed: what comes after the wait has to see what the one before has committed, and a
    /// snapshot would be older than the wait.
    /// </summary>
    private static readonly Dialect PostgreSql =
        new(null, IsolationLevel.ReadCommitted, "SELECT pg_advisory_xact_lock(5080)", "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY");

    public static Dialect Of(DbConnection connection) => connection is NpgsqlConnection ? PostgreSql : Sqlite;
}
