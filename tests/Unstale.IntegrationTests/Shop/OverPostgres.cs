using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

[Collection<PostgresCollection>]
public sealed class PostgresStrategyTests(PostgresServer server) : StrategyTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresTagTests(PostgresServer server) : TagTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresEveryStrategyTests(PostgresServer server) : EveryStrategyTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresListTests(PostgresServer server) : ListTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresErrorTests(PostgresServer server) : ErrorTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresOperationsTests(PostgresServer server) : OperationsTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresOrderTests(PostgresServer server) : OrderTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresOrderErrorTests(PostgresServer server) : OrderErrorTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresClusterWriteTests(PostgresServer server) : ClusterWriteTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresClusterOrderTests(PostgresServer server) : ClusterOrderTests(server);

[Collection<LoadCollection>]
public sealed class PostgresClusterLoadTests(PostgresServer server) : ClusterLoadTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresInputTests(PostgresServer server) : InputTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresProtectionTests(PostgresServer server) : ProtectionTests(server);

[Collection<PostgresCollection>]
public sealed class PostgresNodeTests(PostgresServer server) : NodeTests(server);
