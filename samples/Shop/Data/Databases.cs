using System.Data.Common;
using Npgsql;

namespace Shop.Data;

/// <summary>Which database a connection string means: one that names a host is PostgreSQL's, any other SQLite's.</summary>
internal static class Databases
{
    private const int Seconds = 5;

    /// <exception cref="ArgumentException">A part of the connection string is not understood. The message has the number of the part alone.</exception>
    public static DbDataSource Open(string connectionString)
    {
        var settings = ConnectionSettings.Read(connectionString);
        return settings is NpgsqlConnectionStringBuilder postgres ? OpenPostgres(postgres) : new SqliteDataSource(settings.ConnectionString);
    }

    /// <summary>Nobody waits for an answer of the shop as long as a program waits by default for its database.</summary>
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
        {
            words.Add(word, value);
        }
    }
}
