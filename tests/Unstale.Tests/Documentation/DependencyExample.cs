using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class DependencyExample : IAsyncDisposable
{
    private readonly Dictionary<int, decimal> _prices = new() { [1] = 2.50m, [2] = 4 };
    private readonly CacheUnderTest _test = new();
    private readonly UnstaleCache cache;

    public DependencyExample() => cache = _test.Cache;

    public ValueTask DisposeAsync() => _test.DisposeAsync();

    [Fact]
    public async Task A_cart_shows_the_new_price_after_a_change_and_after_a_removed_price_key()
    {
        Assert.Equal("2 items, 6.50", await CartAsync(7, 1, 2));
        _prices[1] = 3.50m;
        Assert.Equal("2 items, 6.50", await CartAsync(7, 1, 2));
        await cache.Invalidator.ChangedAsync("product", "1", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("2 items, 7.50", await CartAsync(7, 1, 2));
        _prices[2] = 5;
        await cache.RemoveAsync("price:2", TestContext.Current.CancellationToken);
        Assert.Equal("2 items, 8.50", await CartAsync(7, 1, 2));
    }

    private ValueTask<decimal> PriceAsync(int id) =>
        cache.GetOrCreateAsync($"price:{id}", _ => new ValueTask<decimal>(_prices[id]), tags: [$"product:{id}"]);

    private ValueTask<string> CartAsync(int user, params int[] ids) => cache.GetOrCreateAsync($"cart:{user}", async _ =>
    {
        var total = 0m;
        foreach (var id in ids)
            total += await PriceAsync(id);
        return $"{ids.Length} items, {total}";
    });
}
