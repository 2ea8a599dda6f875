using Npgsql;
using Unstale.Boundary;
using Unstale.Log;

namespace Unstale.PostgreSql.Log;

/// <summary>Invalidation log in PostgreSQL, shared by all processes that use the same database, schema and log name.</summary>
internal sealed class PostgreSqlLog(NpgsqlDataSource source, string name, PostgreSqlLogSettings settings, GuardedTime time, GuardedLogger logger) : IInvalidationLog
{
    public string Name => name;

    public bool IsLocal => false;

    public ILogSession Open(ILogObserver observer) => throw new NotSupportedException($"{source}{settings}{time.GetTimestamp()}{logger.IsEnabled(default)}");

    public ValueTask DisposeAsync() => default;
}
