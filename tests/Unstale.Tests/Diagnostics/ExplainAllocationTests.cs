using Xunit;

namespace Unstale.Tests.Diagnostics;

/// <summary>An explanation allocates for the records that concern its key, and not for all that are remembered.</summary>
public sealed class ExplainAllocationTests(ITestOutputHelper output)
{
    private const int Remembered = 1_024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 3_500)]
    [InlineData(3, 5_500)]
    public async Task An_explanation_allocates_only_for_records_of_its_key(int concerning, long atMost)
    {
        await using var test = new CacheUnderTest(log: o => o.RecentRecords = Remembered);
        for (var i = 0; i < Remembered; i++)
            await test.Invalidator.InvalidateTagAsync(i >= Remembered - concerning ? "own" : "other", cancellationToken: Stop);
        await test.Cache.SetAsync("k", "value", tags: ["own"], cancellationToken: Stop);
        Assert.Equal(concerning + 1, await CountAsync(test));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var explained = test.Cache.ExplainAsync("k", cancellationToken: Stop);
        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(explained.IsCompletedSuccessfully);
        output.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 1, atMost);
    }

    private static async Task<int> CountAsync(CacheUnderTest test)
    {
        for (var i = 0; i < 3; i++)
            await test.Cache.ExplainAsync("k", cancellationToken: Stop);
        return (await test.Cache.ExplainAsync("k", cancellationToken: Stop)).Recent.Count;
    }
}
