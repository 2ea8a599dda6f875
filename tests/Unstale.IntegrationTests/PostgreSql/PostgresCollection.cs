using Xunit;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>The tests that share one server; each has a database of its own.</summary>
[CollectionDefinition]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;
