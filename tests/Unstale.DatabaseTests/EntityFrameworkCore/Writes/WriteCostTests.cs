using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Writes;

/// <summary>Time of a save of ten rows with and without recording. Run on request, because the result depends on the machine.</summary>
public sealed class WriteCostTests(ITestOutputHelper output)
{
    private const int Rows = 10;

    [Theory(Explicit = true)]
    [InlineData(true, 100)]
    [InlineData(false, 2_000)]
    public async Task A_save_of_ten_rows(bool isDurable, int rounds)
    {
        using var folder = new TemporaryFolder();
        await using var services = Services();
        var without = Options(services, folder.File("plain.db"));
        var with = Options(services, folder.File("recorded.db"));
        with.UseUnstale();
        foreach (var options in new[] { without, with })
        {
            await using var context = new WriteContext(options.Options);
            await context.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
        }

        foreach (var kind in new[] { "insert", "update" })
        {
            var (bare, recorded) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                bare.Add(Measure(new WriteContext(without.Options), kind, isDurable)); // in turn, so that both share the state of the machine
                recorded.Add(Measure(new WriteContext(with.Options), kind, isDurable));
            }

            var (a, b) = (Median(bare), Median(recorded));
            output.WriteLine($"{kind} of {Rows} rows, {(isDurable ? "synchronized" : "not synchronized")}: {a:F1} us without, {b:F1} us recorded, {(b / a - 1) * 100:F1} % more");
        }
    }

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddUnstale();
        return services.BuildServiceProvider();
    }

    private static DbContextOptionsBuilder<WriteContext> Options(IServiceProvider services, string file) =>
        new DbContextOptionsBuilder<WriteContext>().UseSqlite($"Data Source={file};Pooling=False").UseApplicationServiceProvider(services);

    private static double Measure(WriteContext context, string kind, bool isDurable)
    {
        using (context)
        {
            context.Database.OpenConnection();
            using (var command = context.Database.GetDbConnection().CreateCommand())
            {
                command.CommandText = "PRAGMA synchronous = FULL";
                if (!isDurable)
                    command.CommandText = "PRAGMA synchronous = OFF";
                command.ExecuteNonQuery();
            }

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
