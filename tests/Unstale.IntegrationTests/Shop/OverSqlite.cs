using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed class SqliteStrategyTests() : StrategyTests(null);

public sealed class SqliteTagTests() : TagTests(null);

public sealed class SqliteEveryStrategyTests() : EveryStrategyTests(null);

public sealed class SqliteListTests() : ListTests(null);

public sealed class SqliteErrorTests() : ErrorTests(null);

public sealed class SqliteOperationsTests() : OperationsTests(null);

public sealed class SqliteOrderTests() : OrderTests(null);

public sealed class SqliteOrderErrorTests() : OrderErrorTests(null);

public sealed class SqliteClusterWriteTests() : ClusterWriteTests(null);

public sealed class SqliteClusterOrderTests() : ClusterOrderTests(null);

[Collection<LoadCollection>]
public sealed class SqliteClusterLoadTests() : ClusterLoadTests(null);

public sealed class SqliteInputTests() : InputTests(null);

public sealed class SqliteProtectionTests() : ProtectionTests(null);

public sealed class SqliteNodeTests() : NodeTests(null);
