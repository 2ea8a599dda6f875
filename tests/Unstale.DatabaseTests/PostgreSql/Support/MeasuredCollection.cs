using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Support;

/// <summary>Tests of instruments, which count for the whole process: no other test runs beside them.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class MeasuredCollection : ICollectionFixture<PostgresServer>;
