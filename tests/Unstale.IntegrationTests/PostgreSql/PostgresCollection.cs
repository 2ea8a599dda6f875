using Xunit;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>Tests that share one server. Each test has its own database.</summary>
[CollectionDefinition]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
