using System.Data.Common;
using Microsoft.EntityFrameworkCore;
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
        var settings = Read(connectionString);
        return settings is NpgsqlConnectionStringBuilder ? NpgsqlDataSource.Create(settings.ConnectionString) : new SqliteDataSource(settings.ConnectionString);
    }

    /// <inheritdoc cref="Open"/>
    public static void Use(DbContextOptionsBuilder options, string connectionString)
    {
        var settings = Read(connectionString);
        if (settings is NpgsqlConnectionStringBuilder)
            options.UseNpgsql(settings.ConnectionString);
        else
            options.UseSqlite(SqliteDataSource.Complete(settings.ConnectionString));
    }

    /// <summary>Shortens the time-outs: callers of the shop do not wait as long as a program waits for its database by default.</summary>
    private static DbConnectionStringBuilder Read(string connectionString)
    {
        var settings = ConnectionSettings.Read(connectionString);
        if (settings is not NpgsqlConnectionStringBuilder)
            return settings;
        settings.TryAdd("Timeout", Seconds);
        settings.TryAdd("Command Timeout", Seconds);
        settings.TryAdd("Application Name", "shop");
        return settings;
    }

    private static void TryAdd(this DbConnectionStringBuilder words, string word, object value)
    {
        if (!words.ContainsKey(word))
            words.Add(word, value);
    }
}
