using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Time of a query inside a load with and without recording. Run on request, because the result depends on the machine.</summary>
public sealed class ReadCostTests(ITestOutputHelper output)
{
    private const int Queries = 200;
    private const int Rounds = 60;

    [Fact(Explicit = true)]
    public async Task A_query_of_ten_rows()
    {
        using var folder = new TemporaryFolder();
        var services = new ServiceCollection();
        services.AddUnstale();
        await using var provider = services.BuildServiceProvider();
        var plain = new DbContextOptionsBuilder<ShopContext>().UseSqlite($"Data Source={folder.File("shop.db")}").UseApplicationServiceProvider(provider);
        var recorded = new DbContextOptionsBuilder<ShopContext>().UseSqlite($"Data Source={folder.File("shop.db")}").UseApplicationServiceProvider(provider).UseUnstale();
        await using (var context = new ShopContext(plain.Options))
        {
            await context.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
            context.AddRange(Enumerable.Range(0, 100).Select(static i => new Product { Name = $"product {i}", Rating = i % 10 }));
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        var (without, with) = (new List<double>(), new List<double>());
        var cache = provider.GetRequiredService<UnstaleCache>();
        for (var round = 0; round < Rounds; round++)
        {
            without.Add(await MeasureAsync(cache, plain.Options, $"plain-{round}"));
            with.Add(await MeasureAsync(cache, (DbContextOptions<ShopContext>)recorded.Options, $"recorded-{round}"));
        }

        var (a, b) = (Median(without), Median(with));
        output.WriteLine($"query of ten rows by a parameter: {a:F2} us without, {b:F2} us recorded, {(b / a - 1) * 100:F1} % more");
    }

    private static async Task<double> MeasureAsync(UnstaleCache cache, DbContextOptions<ShopContext> options, string key) => await cache.GetOrCreateAsync(key, async token =>
    {
        await using var context = new ShopContext(options);
        await ReadAsync(context, 0, token);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Queries; i++)
            await ReadAsync(context, i % 10, token);
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / Queries;
    }, cancellationToken: TestContext.Current.CancellationToken);

    private static Task<List<string>> ReadAsync(ShopContext context, int rating, CancellationToken token) =>
        context.Products.AsNoTracking().Where(product => product.Rating == rating).Select(static product => product.Name).ToListAsync(token);

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
