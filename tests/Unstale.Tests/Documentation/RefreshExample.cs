using Microsoft.Extensions.DependencyInjection;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class RefreshExample
{
    private static readonly UnstaleEntryOptions Fresh = new() { Expiration = TimeSpan.FromMinutes(10), FreshFor = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task A_load_with_a_database_from_its_own_service_scope_also_runs_as_a_background_refresh()
    {
        await using var test = new CacheUnderTest(services: static services => services.AddScoped<ShopDb>());
        var cache = test.Cache;
        Assert.Equal("product 7", await ReadAsync(cache, 7));
        test.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("product 7", await ReadAsync(cache, 7));
        await Eventually.Holds("the refresh has ended", () => cache.Explain("product:7").State == EntryState.Live);
    }

    private static async Task<string> ReadAsync(UnstaleCache cache, int id)
    {
        var product = await cache.GetOrCreateAsync(
            $"product:{id}",
            id,
            static async (id, load, stop) =>
            {
                var db = load.Services.GetRequiredService<ShopDb>(); // of this load's own scope, which ends with it
                return await db.FindAsync(id, stop);
            },
            Fresh);
        return product;
    }

    private sealed class ShopDb
    {
        public async Task<string> FindAsync(int id, CancellationToken stop)
        {
            await Task.Yield();
            stop.ThrowIfCancellationRequested();
            return $"product {id}";
        }
    }
}
