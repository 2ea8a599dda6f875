using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Time of a query inside a load with and without recording. Run on request, because the result depends on the machine.</summary>
public sealed class ReadCostTests(ITestOutputHelper output)
{
    private const int Queries = 50; // in a load: fewer than the predicates above which a value depends on tables
    private const int WarmUp = 300; // rounds until the code has reached its last tier
    private const int Rounds = 600;
    private const int Ratings = 10;

    /// <param name="isRepeated">Whether the queries have the parameters of earlier ones, as after an invalidation, or parameters of their own.</param>
    /// <param name="hasContext">Whether each query creates a context.</param>
    [Theory(Explicit = true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_query_of_ten_rows(bool isRepeated, bool hasContext)
    {
        using var folder = new TemporaryFolder();
        var services = new ServiceCollection();
        services.AddUnstale();
        await using var provider = services.BuildServiceProvider();
        var source = $"Data Source={folder.File("shop.db")}";
        var without = new Query(hasContext, new DbContextOptionsBuilder<ShopContext>().UseSqlite(source).UseApplicationServiceProvider(provider).Options);
        var with = new Query(hasContext, new DbContextOptionsBuilder<ShopContext>().UseSqlite(source).UseApplicationServiceProvider(provider).UseUnstale().Options);
        await without.FillAsync();
        var cache = provider.GetRequiredService<UnstaleCache>();
        for (var round = 0; round < Rounds; round++)
        {
            // Both queries in one load, in turn, so that they share the costs of the load and the state of the machine.
            await cache.GetOrCreateAsync($"round-{round}", async _ =>
            {
                for (var i = 0; i < Queries; i++)
                {
                    var least = isRepeated ? 0 : -((round * Queries) + i);
                    await without.RunAsync(i % Ratings, least, isMeasured: round >= WarmUp);
                    await with.RunAsync(i % Ratings, least, isMeasured: round >= WarmUp);
                }

                return round;
            }, cancellationToken: TestContext.Current.CancellationToken);
        }

        output.WriteLine($"query of ten rows, {(isRepeated ? "repeated" : "new")} parameters{(hasContext ? ", new context" : "")}: "
            + $"{without.Time:F1} us and {without.Bytes} B without, {with.Time:F1} us and {with.Bytes} B recorded, {(with.Time / without.Time - 1) * 100:F1} % more");
    }

    private sealed class Query(bool hasContext, DbContextOptions options)
    {
        private readonly ShopContext _shared = new((DbContextOptions<ShopContext>)options);
        private readonly List<double> _times = [];
        private readonly List<long> _bytes = [];

        /// <summary>Median in microseconds.</summary>
        public double Time => _times.Order().ElementAt(_times.Count / 2);

        /// <summary>Median of the allocated bytes.</summary>
        public long Bytes => _bytes.Order().ElementAt(_bytes.Count / 2);

        public async Task FillAsync()
        {
            await _shared.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
            _shared.AddRange(Enumerable.Range(0, 100).Select(static i => new Product { Name = $"product {i}", Rating = i % Ratings }));
            await _shared.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        public async Task RunAsync(int rating, int least, bool isMeasured)
        {
            var (start, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            var context = hasContext ? new ShopContext((DbContextOptions<ShopContext>)options) : _shared;
            await context.Products.AsNoTracking().Where(product => product.Rating == rating && product.Id >= least).Select(static product => product.Name)
                .ToListAsync(TestContext.Current.CancellationToken);
            if (hasContext)
                await context.DisposeAsync();
            if (!isMeasured)
                return;
            _times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            _bytes.Add(GC.GetAllocatedBytesForCurrentThread() - allocated); // SQLite completes each call at once, on this thread
        }
    }
}
