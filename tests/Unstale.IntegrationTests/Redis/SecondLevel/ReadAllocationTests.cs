using Microsoft.Extensions.Caching.Hybrid;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Memory allocated by a read served from the second level alone.</summary>
[Collection<AloneCollection>]
public sealed class ReadAllocationTests(ITestOutputHelper output)
{
    private const int Keys = 200, Length = 400, Rounds = 10, Slices = 30;

    /// <summary>Maximum number of bytes beside the value, for the client's calls, the load and the judgement.</summary>
    private const int Most = 1_200;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_of_the_second_level_takes_little_memory_beside_its_value()
    {
        await using var cluster = await RedisCluster.StartAsync(1);
        var cache = cluster[0].Cache;
        var value = new string('v', Length);
        var options = new UnstaleEntryOptions { Expiration = TimeSpan.FromHours(1), Flags = HybridCacheEntryFlags.DisableLocalCache };
        string[] names = [.. Enumerable.Range(0, Keys).Select(static i => $"product:{i}")];
        string[][] tags = [.. names.Select(static name => new[] { "catalogue", "category:" + name[^1], "supplier:" + name[^2] })];
        for (var i = 0; i < Keys; i++)
            await cache.SetAsync(names[i], value, options, tags[i], Stop);
        await ReadAllAsync();

        // The minimum is the cost of a read itself: heartbeats and empty pools add to the others.
        var least = long.MaxValue;
        for (var slice = 0; slice < Slices; slice++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var round = 0; round < Rounds; round++)
                await ReadAllAsync();
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (Rounds * Keys));
        }

        var ofValue = 24 + (2 * Length);
        output.WriteLine($"{least} bytes a read, {least - ofValue} beside the value");
        Assert.InRange(least - ofValue, 0, Most);

        async Task ReadAllAsync()
        {
            foreach (var name in names)
            {
                if ((await cache.GetOrCreateAsync<string>(name, static _ => throw new InvalidOperationException("the source must not be asked"), options)).Length != Length)
                    throw new InvalidOperationException("it is another value");
            }
        }
    }
}
