using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Time of a save of ten rows with and without recording. Run on request, because the result depends on the machine.</summary>
public sealed class WriteCostTests(ITestOutputHelper output)
{
    private const int Rows = 10;
    private const int Rounds = 3_000;

    [Fact(Explicit = true)]
    public async Task A_save_of_ten_rows()
    {
        await using var shop = await WrittenShop.StartAsync();
        using var folder = new TemporaryFolder();
        var without = new DbContextOptionsBuilder<WriteContext>().UseSqlite($"Data Source={folder.File("plain.db")};Pooling=False").Options;
        using (var plain = new WriteContext(without))
        {
            plain.Database.EnsureCreated();
            plain.Add(new Category { Id = 1 });
            plain.SaveChanges();
        }

        foreach (var kind in new[] { "insert", "update" })
        {
            var (recorded, bare) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                bare.Add(Measure(new WriteContext(without), kind));
                recorded.Add(Measure(shop.Context(), kind));
            }

            var (a, b) = (Median(bare), Median(recorded));
            output.WriteLine($"{kind} of {Rows} rows: {a:F1} us without, {b:F1} us recorded, {(b / a - 1) * 100:F1} % more");
        }
    }

    private static double Measure(WriteContext context, string kind)
    {
        using (context)
        {
            context.Database.OpenConnection();
            context.Database.ExecuteSqlRaw("PRAGMA synchronous = OFF");
            if (kind == "insert")
                context.AddRange(Enumerable.Range(0, Rows).Select(static i => new Shelf { Stock = i, Place = i }));
            else
                context.Shelves.OrderBy(static s => s.Id).Take(Rows).ToList().ForEach(static shelf => shelf.Place++);
            var begin = Stopwatch.GetTimestamp();
            context.SaveChanges();
            return Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
        }
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
