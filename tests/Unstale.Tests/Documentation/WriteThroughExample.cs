using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class WriteThroughExample : IAsyncDisposable
{
    private readonly Dictionary<int, (decimal Price, long Version)> _rows = new() { [1] = (2.50m, 1) };
    private readonly CacheUnderTest _test = new();
    private readonly UnstaleCache cache;

    public WriteThroughExample() => cache = _test.Cache;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task Writes_through_in_any_order_keep_the_newest_version()
    {
        var first = Commit(1, 3);
        var second = Commit(1, 4);
        Assert.Equal((ReceiptState.Applied, true), await ReportAsync(1, second));
        Assert.Equal((ReceiptState.Superseded, false), await ReportAsync(1, first));
        Assert.Equal(4, await cache.GetOrCreateAsync("price:1", _ => new ValueTask<decimal>(_rows[1].Price), cancellationToken: TestContext.Current.CancellationToken));
        await DeletedAsync(1, Commit(1, 0).Version);
        Assert.Equal((ReceiptState.Superseded, false), await ReportAsync(1, second));
    }

    private (decimal Price, long Version) Commit(int id, decimal price) => _rows[id] = (price, _rows[id].Version + 1);

    // after the commit, with the version that it gave the row
    private async Task<(ReceiptState State, bool IsStored)> ReportAsync(int id, (decimal Price, long Version) row)
    {
        var written = await cache.WriteThroughAsync($"price:{id}", row.Price, row.Version, tags: [$"product:{id}"]);
        return (written.State, written.IsStored);
    }

    private async Task DeletedAsync(int id, long lastVersion) => await cache.InvalidateUpToVersionAsync($"price:{id}", lastVersion);
}
