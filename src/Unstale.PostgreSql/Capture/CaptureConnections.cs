using Npgsql;
using Npgsql.Replication;

namespace Unstale.PostgreSql.Capture;

/// <summary>Connections of the change capture: some for statements, and one for the reader, whose session writes values in fixed forms.</summary>
/// <param name="connectionString">Connection string of the options.</param>
internal sealed class CaptureConnections(string connectionString) : IAsyncDisposable
{
    private const string Forms = "-c TimeZone=UTC -c DateStyle=ISO,YMD -c extra_float_digits=1 -c bytea_output=hex";

    /// <summary>Prepares repeated statements: the look at the server is sent up to thousands of times per second.</summary>
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = 5, MaxAutoPrepare = 10 }.ConnectionString);


    public Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken).AsTask();

    public async Task<LogicalReplicationConnection> OpenReplicationAsync(CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options = string.IsNullOrEmpty(settings.Options) ? Forms : $"{settings.Options} {Forms}";
        settings.Timezone = "UTC";
        var connection = new LogicalReplicationConnection(settings.ConnectionString);
        try
        {
            await connection.Open(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
