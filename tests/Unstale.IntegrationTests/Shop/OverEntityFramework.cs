using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>The shop with Entity Framework Core as its data access.</summary>
internal static class OverEntityFramework
{
    public const string Data = "EntityFrameworkCore";

    public const string Argument = $"--Shop:DataAccess={Data}";
}

public sealed class ContextStrategyTests() : StrategyTests(null, OverEntityFramework.Data);

public sealed class ContextEveryStrategyTests() : EveryStrategyTests(null, OverEntityFramework.Data);

public sealed class ContextListTests() : ListTests(null, OverEntityFramework.Data);

public sealed class ContextOrderTests() : OrderTests(null, OverEntityFramework.Data);

public sealed class ContextNodeTests() : NodeTests(null, OverEntityFramework.Data);

[Collection<PostgresCollection>]
public sealed class PostgresContextStrategyTests(PostgresServer server) : StrategyTests(server, OverEntityFramework.Data);

[Collection<PostgresCollection>]
public sealed class PostgresContextListTests(PostgresServer server) : ListTests(server, OverEntityFramework.Data);

[Collection<PostgresCollection>]
public sealed class PostgresContextOrderTests(PostgresServer server) : OrderTests(server, OverEntityFramework.Data);
