using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Shop.Data;

/// <summary>Connections to one SQLite file that wait up to five seconds for the end of another process' write.</summary>
internal sealed class SqliteDataSource : DbDataSource
{
    private const int BusySeconds = 5;
    private const string OnOpen = "PRAGMA busy_timeout = 5000";

    public SqliteDataSource(string connectionString) => ConnectionString = Complete(connectionString);

    public override string ConnectionString { get; }

    /// <summary>Returns a connection string with the time-out and the checks of the shop.</summary>
    /// <exception cref="ArgumentException">The connection string names no file.</exception>
    public static string Complete(string connectionString)
    {
        var parts = new SqliteConnectionStringBuilder(connectionString);
        if (parts.DataSource is "" or ":memory:" || parts.Mode == SqliteOpenMode.Memory)
            throw new ArgumentException("it has to name a file, as in 'Data Source=shop.db'", nameof(connectionString));

        parts.DefaultTimeout = BusySeconds;
        parts.ForeignKeys = true;
        return parts.ConnectionString;
    }

    protected override DbConnection CreateDbConnection() => new SqliteConnection(ConnectionString);

    protected override DbConnection OpenDbConnection()
    {
        var connection = base.OpenDbConnection();
        using var command = connection.CreateCommand();
        command.CommandText = OnOpen;
        command.ExecuteNonQuery();
        return connection;
    }

    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new ValueTask<DbConnection>(OpenDbConnection());
    }

    protected override void Dispose(bool disposing)
    {
        using var connection = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(connection);
        base.Dispose(disposing);
    }
}
