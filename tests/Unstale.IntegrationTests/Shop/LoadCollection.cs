using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>
/// Alone on the machine: 50 ms after a write is what the cluster promises, not processes that wait for their turn. The server is one
/// that may be stopped.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class LoadCollection : ICollectionFixture<PostgresServer>;
