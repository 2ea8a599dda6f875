using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using Unstale.Boundary;
using Unstale.PostgreSql.Connection;
using Unstale.PostgreSql.Log;

namespace Unstale.PostgreSql.Hosting;

/// <summary>
/// Logs of this process in PostgreSQL, and the data sources created from connection strings, one for each string. Logs are disposed by the callers that open
/// them, data sources by the registry. Data sources of the application are not disposed.
/// </summary>
internal sealed class PostgreSqlRegistry(IServiceProvider services, IOptionsMonitor<PostgreSqlLogOptions> options, TimeProvider time) : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, NpgsqlDataSource> _own = new(StringComparer.Ordinal);

    /// <summary>Returns the options of a cache. Throws if they are invalid.</summary>
    public PostgreSqlLogOptions Options(string cache) => options.Get(cache);

    /// <summary>Returns the host, port and database of a cache.</summary>
    public string PlaceOf(string cache) => ConnectionSettings.Place(DataSource(cache).ConnectionString);

    /// <summary>Creates the log of a cache.</summary>
    public PostgreSqlLog Log(string cache, string name)
    {
        var own = Options(cache);
        var settings = new PostgreSqlLogSettings
        {
            Schema = own.Schema, CreateSchema = own.CreateSchema, LogLength = own.LogLength, PollInterval = own.PollInterval, RequestTimeout = own.RequestTimeout,
        };
        return new PostgreSqlLog(DataSource(cache), name, settings, GuardedTime.Over(time), GuardedLogger.For<PostgreSqlLog>(services));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _own.Values)
            await source.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Supports containers that are not disposed asynchronously.</summary>
    public void Dispose()
    {
        foreach (var source in _own.Values)
            source.Dispose();
    }

    private NpgsqlDataSource DataSource(string cache)
    {
        var own = Options(cache);
        if (own.DataSource is { } given)
            return given;
        if (own.ConnectionString.Length == 0)
            return services.GetService<NpgsqlDataSource>() ?? throw Errors.NoDatabase();
        lock (_gate)
        {
            if (!_own.TryGetValue(own.ConnectionString, out var source))
                _own.Add(own.ConnectionString, source = Create(own.ConnectionString));
            return source;
        }
    }

    /// <summary>Creates a data source whose calls are not traced: polls and confirmations have no request, and would fill every trace of the application.</summary>
    private static NpgsqlDataSource Create(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConnectionStringBuilder.ApplicationName ??= "Unstale";
        builder.ConfigureTracing(static tracing => tracing.ConfigureCommandFilter(static _ => false));
        return builder.Build();
    }
}
