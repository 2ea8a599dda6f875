using Microsoft.EntityFrameworkCore;
using Unstale.DatabaseTests.EntityFrameworkCore.Forms;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.AllQueries;

/// <summary>Values of all types of columns, read from the cache and from the database.</summary>
[Collection<PostgresCollection>]
public sealed class ColumnTypeTests(PostgresServer server)
{
    private const int Rows = 200;
    private const int Seed = 7;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Values_of_SQLite_from_the_cache_are_those_of_the_database() => await CompareAsync(await CachedShop.StartAsync(null));

    [Fact]
    public async Task Values_of_PostgreSQL_from_the_cache_are_those_of_the_database() => await CompareAsync(await CachedShop.StartAsync(server));

    private static async Task CompareAsync(CachedShop shop)
    {
        await using var owned = shop;
        await using (var context = Open(shop))
        {
            await context.Database.ExecuteSqlRawAsync(context.Database.GenerateCreateScript(), Stop);
            await FillAsync(context);
        }

        List<string> direct;
        await using (var context = Open(shop))
            direct = Text(await context.Samples.OrderBy(static s => s.Id).ToListAsync(Stop)); // tracks, so the database is read
        await ReadAsync();
        await shop.ExecuteAsync("DELETE FROM \"Samples\"");
        Assert.Equal(direct, Text(await ReadAsync()));
        await using var again = Open(shop);
        var read = again.Samples.AsNoTracking().OrderBy(static s => s.Id).ToList();
        Assert.Equal(direct, Text(read));
        Assert.All(read.Where(static s => s.Bytes is { Length: > 0 }), static s => s.Bytes![0]++); // of this caller alone
        Assert.Equal(direct, Text(await ReadAsync()));

        async Task<List<Sample>> ReadAsync()
        {
            await using var context = Open(shop);
            return await context.Samples.AsNoTracking().OrderBy(static s => s.Id).ToListAsync(Stop);
        }
    }

    private static async Task FillAsync(FormContext context)
    {
        var random = new Random(Seed);
        var properties = typeof(Sample).GetProperties().Where(static property => property.Name != nameof(Sample.Id)).ToArray();
        var filled = new HashSet<string>(StringComparer.Ordinal);
        for (var id = 1; id <= Rows; id++)
        {
            var property = properties[id % properties.Length];
            var sample = new Sample { Id = id };
            property.SetValue(sample, SampleValues.Of(random, property.Name));
            context.Add(sample);
            try
            {
                await context.SaveChangesAsync(Stop);
                if (property.GetValue(sample) is not null)
                    filled.Add(property.Name);
            }
            catch (DbUpdateException)
            {
                context.ChangeTracker.Clear(); // too long or too large for the column
            }
        }

        Assert.Equal(properties.Length, filled.Count);
    }

    private static FormContext Open(CachedShop shop) => new(shop.Configure(new DbContextOptionsBuilder<FormContext>()).Options);

    private static List<string> Text(IEnumerable<Sample> samples) => [.. samples.Select(static sample => string.Join('|', typeof(Sample).GetProperties().Select(property =>
        property.GetValue(sample) switch
        {
            byte[] bytes => Convert.ToHexString(bytes),
            DateTime time => $"{time:O} {time.Kind}",
            IFormattable value => value.ToString(value is DateTimeOffset or TimeOnly or DateOnly ? "O" : null, System.Globalization.CultureInfo.InvariantCulture),
            var value => value ?? "null",
        })))];
}
