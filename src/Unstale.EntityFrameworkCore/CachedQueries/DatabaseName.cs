using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Unstale.EntityFrameworkCore.CachedQueries;

/// <summary>Name of the database of a connection in keys. A SQLite database in memory that connections do not share has none.</summary>
internal static class DatabaseName
{
    private static readonly ConditionalWeakTable<DbConnection, string> Unnamed = [];

    /// <summary>Returns the name; null if another connection with the same text can have another database.</summary>
    public static string? Of(DbConnection connection) =>
        IsPrivate(connection) ? null : $"{connection.DataSource}\n{connection.Database}";

    /// <summary>Returns the name, or an identifier of the connection if its database has none.</summary>
    public static string OrIdentifierOf(DbConnection connection) =>
        Of(connection) ?? Unnamed.GetValue(connection, static _ => Guid.NewGuid().ToString("N"));

    private static bool IsPrivate(DbConnection connection)
    {
        if (connection.DataSource is "" or ":memory:")
            return true;
        if (!string.Equals(connection.GetType().Name, "SqliteConnection", StringComparison.Ordinal))
            return false;
        if (!connection.ConnectionString.Contains("Memory", StringComparison.OrdinalIgnoreCase))
            return false; // spares the parser, which most calls would run in vain
        var words = new DbConnectionStringBuilder { ConnectionString = connection.ConnectionString };
        return Has(words, "Mode", "Memory") && !Has(words, "Cache", "Shared");
    }

    private static bool Has(DbConnectionStringBuilder words, string key, string value) =>
        words.TryGetValue(key, out var found) && string.Equals(found as string, value, StringComparison.OrdinalIgnoreCase);
}
