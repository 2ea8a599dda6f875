using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Runs over PostgreSQL on one node and on three, whose contexts read old values.</summary>
public sealed class PostgresGeneratorTests(PostgresServer server, ITestOutputHelper output) : GeneratorTest(output), IClassFixture<PostgresServer>
{
    [Theory]
    [InlineData(1, false, 1_000)]
    [InlineData(1, true, 500)]
    [InlineData(3, true, 500)]
    public async Task No_result_of_PostgreSQL_is_stale_after_any_write(int nodes, bool isSaved, int writes)
    {
        await using var shop = await GeneratorShop.StartAsync(server, nodes);
        await CompareAsync(shop, isSaved, writes);
    }
}
