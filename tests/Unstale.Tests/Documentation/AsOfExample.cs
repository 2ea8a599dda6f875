using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Warm-up of <c>docs/concepts.md</c>, section on setting.</summary>
public sealed class AsOfExample
{
    [Fact]
    public async Task The_example_fills_the_cache_except_with_values_that_changed_meanwhile()
    {
        await using var test = new CacheUnderTest();
        await WarmAsync(test.Cache, async () =>
        {
            await test.Invalidator.ChangedAsync("product", "2", scope: ChangeScope.Entity);
            return [new Product(1, 10), new Product(2, 20)];
        });
        Assert.True(test.Cache.TryGet("product:1", out Product _));
        Assert.False(test.Cache.TryGet("product:2", out Product _));
    }

    private static async Task WarmAsync(UnstaleCache cache, Func<Task<Product[]>> AllProductsAsync)
    {
        var asOf = cache.GetLogState().Positions;                                        // before the read
        foreach (var product in await AllProductsAsync())
            await cache.SetAsync($"product:{product.Id}", product, asOf, tags: ["product", $"product:{product.Id}"]);
    }

    private sealed record Product(int Id, decimal Price);
}
