using System.Data.Common;
using Npgsql;

namespace Shop.Data;

/// <summary>Choice of the database by connection string: PostgreSQL if a host is named, otherwise SQLite.</summary>
internal static class Databases
{
    private const int Seconds = 5;

    /// <exception cref="ArgumentException">
    /// A part of the connection string is not understood. The message contains only the number of the part.
    /// </exception>
    public static DbDataSource Open(string connectionString)
    {
        var settings = ConnectionSettings.Read(connectionString);
        return settings is NpgsqlConnectionStringBuilder postgres ? OpenPostgres(postgres) : new SqliteDataSource(settings.ConnectionString);
    }

    /// <summary>Shortens the time-outs: callers of the shop do not wait as long as a program waits for its database by default.</summary>
    private static NpgsqlDataSource OpenPostgres(NpgsqlConnectionStringBuilder words)
    {
        words.TryAdd("Timeout", Seconds);
        words.TryAdd("Command Timeout", Seconds);
        words.TryAdd("Application Name", "shop");
        return NpgsqlDataSource.Create(words.ConnectionString);
    }

    private static void TryAdd(this DbConnectionStringBuilder words, string word, object value)
    {
        if (!words.ContainsKey(word))
            words.Add(word, value);
    }
}
