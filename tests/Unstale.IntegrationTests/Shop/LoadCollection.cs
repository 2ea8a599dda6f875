using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>
/// Tests that run alone on the machine: the cluster guarantees 50 ms after a write, but not for processes that wait for a processor. The server may
/// be stopped.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class LoadCollection : ICollectionFixture<PostgresServer>;
