using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Redis;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Runs over SQLite on two nodes with Redis. After each write the results are read from Redis, without the memory of a node.</summary>
public sealed class SecondLevelGeneratorTests(ITestOutputHelper output) : GeneratorTest(output)
{
    [Fact]
    public async Task A_node_that_follows_the_log_refuses_few_unchanged_results_of_the_second_level()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var shop = await GeneratorShop.StartAsync(nodes: 2, builder => builder.UseRedis($"127.0.0.1:{redis.Port}"));
        var reads = new SecondLevelReads(shop);
        var tallies = await CompareAsync(shop, isSaved: false, writes: 1_500, comparison => (comparison.Loaded, comparison.Compared) = (reads.WaitAsync, reads.CountAsync));
        var (taken, changed, ofTable) = (tallies.Values.Sum(static t => t.Taken), tallies.Values.Sum(static t => t.Changed), tallies.Values.Sum(static t => t.OfTable));
        WriteLine(
            $"refused / changed: {reads.Refused / (double)changed:0.00} in Redis on a node that follows the log, {taken / (double)changed:0.00} in memory, {ofTable / (double)changed:0.00} by whole tables; a new node refused {reads.RefusedAsNew} of {reads.Unchanged} unchanged results");
        Assert.InRange(reads.Refused, changed, taken * 1.1);
        Assert.InRange(reads.Unchanged, 100, int.MaxValue);
    }
}
