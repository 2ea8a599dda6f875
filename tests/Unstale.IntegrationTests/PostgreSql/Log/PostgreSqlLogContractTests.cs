using Unstale.Log;
using Unstale.Tests.Log;
using Xunit;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Contract of every log, over a real server.</summary>
[Collection<PostgresCollection>]
public sealed class PostgreSqlLogContractTests(PostgresServer server) : InvalidationLogContract
{
    private LogDatabase? _database;

    private protected override async ValueTask<IInvalidationLog> CreateAsync()
    {
        _database = await LogDatabase.OpenAsync(server);
        return _database.Log();
    }

    protected override ValueTask DisposeServerAsync() => _database!.DisposeAsync();
}
