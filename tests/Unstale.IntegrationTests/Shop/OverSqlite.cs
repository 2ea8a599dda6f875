using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed class SqliteStrategyTests() : StrategyTests(null);

public sealed class SqliteEveryStrategyTests() : EveryStrategyTests(null);

public sealed class SqliteListTests() : ListTests(null);

public sealed class SqliteErrorTests() : ErrorTests(null);

public sealed class SqliteOperationsTests() : OperationsTests(null);

public sealed class SqliteClusterWriteTests() : ClusterWriteTests(null);

[Collection<LoadCollection>]
public sealed class SqliteClusterLoadTests() : ClusterLoadTests(null);
