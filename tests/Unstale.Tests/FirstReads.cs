using Xunit;

namespace Unstale.Tests;

public sealed class FirstReads
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_value_is_loaded_once_and_again_after_its_tag_is_invalidated()
    {
        await using var test = new CacheUnderTest();
        var loads = 0;
        ValueTask<string> Load(CancellationToken token) => new($"v{++loads}");
        Assert.Equal("v1", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        Assert.Equal("v1", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        var receipt = await test.Invalidator.InvalidateTagAsync("t", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Applied, receipt.State);
        Assert.Equal(1, receipt.Position.Sequence);
        Assert.Equal(EntryState.Invalidated, test.Cache.Inspect("k")!.State);
        Assert.Equal("v2", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        Assert.Equal("v2", await test.Cache.GetOrCreateAsync("k", Load, tags: ["t"], cancellationToken: Stop));
        await test.Cache.RemoveAsync("k", Stop);
        Assert.Null(test.Cache.Inspect("k"));
        await test.Cache.SetAsync("k", "set", tags: ["t"], cancellationToken: Stop);
        Assert.True(test.Cache.TryGet("k", out string value));
        Assert.Equal("set", value);
        await test.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop);
        Assert.False(test.Cache.TryGet("k", out value));
        var all = await test.Invalidator.InvalidateEverythingAsync(cancellationToken: Stop);
        test.Sweep();
        Assert.Equal(0, await all.SweptAsync(Stop));
        Assert.Equal(0, test.Cache.GetStatistics().Entries);
    }
}
