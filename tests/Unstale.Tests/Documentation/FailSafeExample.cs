using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class FailSafeExample
{
    private readonly Queue<Func<ValueTask<decimal>>> _supplier = new();

    [Fact]
    public async Task A_price_outlives_its_expiration_while_the_supplier_fails()
    {
        await using var test = new CacheUnderTest();
        _supplier.Enqueue(static () => new(9.99m));
        Assert.Equal(9.99m, await PriceAsync(test.Cache, 7));
        test.Clock.Advance(TimeSpan.FromMinutes(6));
        _supplier.Enqueue(static () => throw new HttpRequestException("the supplier fails"));
        Assert.Equal(9.99m, await PriceAsync(test.Cache, 7));
        await test.Invalidator.ChangedAsync("product", "7", cancellationToken: TestContext.Current.CancellationToken);
        _supplier.Enqueue(static () => throw new HttpRequestException("the supplier fails"));
        await Assert.ThrowsAsync<HttpRequestException>(() => PriceAsync(test.Cache, 7).AsTask());
    }

    private ValueTask<decimal> PriceAsync(UnstaleCache cache, int id) => cache.GetOrCreateAsync(
        $"price:{id}",
        _ => SupplierAsync(id),
        new UnstaleEntryOptions
        {
            Expiration = TimeSpan.FromMinutes(5),
            FailSafeFor = TimeSpan.FromHours(2),          // keep the value for a failure of the supplier
            FailSafePause = TimeSpan.FromSeconds(30),     // then spare the supplier for half a minute
            SoftTimeout = TimeSpan.FromMilliseconds(500), // a slow supplier delays no caller that has an old price
        },
        tags: [$"product:{id}"]);

    private ValueTask<decimal> SupplierAsync(int id) => _supplier.TryDequeue(out var answer) ? answer() : throw new InvalidOperationException($"No answer for {id}.");
}
