using Xunit;

namespace Unstale.Tests.Memory;

public sealed class SoakTests
{
    private const int Threads = 4;
    private const int Operations = 10_000;

    [Theory]
    [InlineData(16)]
    [InlineData(1000)]
    public async Task No_read_is_stale_and_the_store_is_consistent_after_concurrent_work_of_four_threads(int capacity)
    {
        await using var test = new SoakedCache(capacity);
        var seed = Random.Shared.Next();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() => Work(test, new Random(seed + thread)))));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Seed {seed}, capacity {capacity}.", exception);
        }

        await test.VerifyAsync();
        Assert.InRange(test.Store.Count, 1, capacity);
        Assert.Equal(test.Store.Count, test.Cache.GetStatistics().Entries);
        await test.EmptyAsync();
        await test.VerifyAsync();
        Assert.Equal((0, 0L, 0), (test.Store.Count, test.Store.Bytes, test.Horizon.Tags.Count));
    }

    private static async Task Work(SoakedCache test, Random random)
    {
        for (var i = 0; i < Operations; i++)
        {
            var key = random.Next(SoakedCache.Keys);
            var dice = random.Next(1000);
            await (dice switch
            {
                < 800 => test.ReadAsync(key, random.Next()),
                < 870 => test.WriteAsync(key),
                < 920 => test.SetAsync(random.Next(SoakedCache.Keys)),
                < 960 => test.WriteTagAsync(key),
                < 985 => test.WritePatternAsync(key),
                < 988 => test.WriteEverythingAsync(),
                _ => test.AdvanceAsync(random.Next(400)),
            });
            if (dice % 100 == 0)
                test.CheckCap();
        }
    }
}
