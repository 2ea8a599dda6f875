using System.Buffers;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Shop.Data;

/// <summary>
/// Parser for the connection string of a database. A part that is not understood may be a piece of the password, so only its number is reported, and
/// no part is ignored silently.
/// </summary>
internal static class ConnectionSettings
{
    // The values of these settings are shown: in messages, in the server's list of clients, as the name of a file.
    private static readonly string[] Shown = ["Host", "Username", "Database", "Application Name", "Data Source"];

    // A value of a shown setting that contains one of these includes the setting behind it.
    private static readonly SearchValues<char> Separators = SearchValues.Create("=;&|?\"'");

    /// <param name="text">Connection string.</param>
    /// <returns>Settings, under the names that the database has for them.</returns>
    /// <exception cref="ArgumentException">A part is not understood, or occurs twice.</exception>
    public static DbConnectionStringBuilder Read(string text)
    {
        var parts = Parts(text).ToList();
        var isPostgres = parts.Exists(static part => part is { Name: "host" or "server" });
        DbConnectionStringBuilder read = isPostgres ? new NpgsqlConnectionStringBuilder() : new SqliteConnectionStringBuilder();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var number = 1; number <= parts.Count; number++)
        {
            if (parts[number - 1] is not { } part || !TryAdd(read, part.Name, part.Value, seen))
            {
                throw new ArgumentException($"its part {number} is no setting of {(isPostgres ? "PostgreSQL" : "SQLite")}, has no value that it takes, or occurs twice", nameof(text));
            }
        }

        return read;
    }

    /// <summary>
    /// Splits a connection string. A part ends at the first semicolon before which it can be read; a semicolon inside quotes ends no part. Null for a
    /// part that is no <c>name=value</c>.
    /// </summary>
    private static IEnumerable<(string Name, string Value)?> Parts(string text)
    {
        var start = 0;
        for (var end = text.IndexOf(';', StringComparison.Ordinal); end >= 0; end = text.IndexOf(';', end + 1))
        {
            if (Part(text[start..end]) is { } part)
            {
                yield return part;
                start = end + 1;
            }
        }

        if (!string.IsNullOrWhiteSpace(text[start..]))
            yield return Part(text[start..]);
    }

    private static (string Name, string Value)? Part(string text)
    {
        try
        {
            var one = new DbConnectionStringBuilder { ConnectionString = text };
            return one.Keys.Cast<string>().ToArray() is [var name] ? (name, (string)one[name]) : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool TryAdd(DbConnectionStringBuilder read, string name, string value, HashSet<string> seen)
    {
        try
        {
            // Parsed alone, a setting has the database's own name, regardless of the name in the text.
            DbConnectionStringBuilder alone = read is NpgsqlConnectionStringBuilder ? new NpgsqlConnectionStringBuilder() : new SqliteConnectionStringBuilder();
            alone[name] = value;
            var known = alone is NpgsqlConnectionStringBuilder ? alone.Keys.Cast<string>().Single() : alone.ConnectionString.Split('=')[0];
            read[name] = value;
            return seen.Add(known) && !(Shown.Contains(known, StringComparer.OrdinalIgnoreCase) && IsMore(known, value));
        }
        catch (Exception unknown) when (unknown is ArgumentException or FormatException or InvalidOperationException or NotSupportedException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }

    private static bool IsMore(string name, string value) =>
        value.AsSpan().ContainsAny(Separators) || value.Any(char.IsControl) || value.Contains("//", StringComparison.Ordinal)
        || (name is "Host" or "Data Source" && value.Contains('@', StringComparison.Ordinal))
        || (name is "Host" or "Username" && (value.Any(char.IsWhiteSpace) || (name == "Username" && value.Contains(':', StringComparison.Ordinal))));
}
