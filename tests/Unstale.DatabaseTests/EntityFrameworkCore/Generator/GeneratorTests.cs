using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>
/// Random queries and random writes: no cached result is ever older than the database. <c>UNSTALE_GENERATED_WRITES</c> sets the number of writes, and
/// <c>UNSTALE_GENERATOR_SEED</c> the first seed.
/// </summary>
[Collection<PostgresCollection>]
public sealed class GeneratorTests(PostgresServer server)
{
    private const int SqliteWrites = 300;
    private const int PostgresWrites = 60;

    /// <summary>Upper limits of the ratio of invalidated to really changed results, by class.</summary>
    private static readonly Dictionary<string, double> Precision = new(StringComparer.Ordinal)
    {
        ["list, terms"] = 1.3,
        ["count"] = 1.3,
        ["list, residuals"] = 1.3,
        ["include by key"] = 3,
        ["order with limit"] = 4.5,
    };

    private static int Seed => int.Parse(Environment.GetEnvironmentVariable("UNSTALE_GENERATOR_SEED") ?? "20", CultureInfo.InvariantCulture);

    [Fact]
    public async Task No_result_of_SQLite_is_stale_after_any_write()
    {
        using var shop = new SqliteShop(hasForeignKeys: false);
        await CompareAsync(shop.Cache, shop.Open, SqliteWrites, hasPrecision: true);
    }

    [Fact]
    public async Task No_result_of_PostgreSQL_is_stale_after_any_write()
    {
        var source = await server.CreateDatabaseAsync();
        var services = new ServiceCollection();
        services.AddUnstale();
        services.AddDbContextFactory<ShopContext>(options => options.UseNpgsql(source).UseUnstale());
        await using var provider = services.BuildServiceProvider();
        var contexts = provider.GetRequiredService<IDbContextFactory<ShopContext>>();
        await using (var context = contexts.CreateDbContext())
        {
            await context.Database.EnsureCreatedAsync(TestContext.Current.CancellationToken);
            foreach (var key in context.Model.GetRelationalModel().Tables.SelectMany(static table => table.ForeignKeyConstraints))
#pragma warning disable EF1002 // names of the model
                await context.Database.ExecuteSqlRawAsync($"ALTER TABLE \"{key.Table.Name}\" DROP CONSTRAINT \"{key.Name}\"", TestContext.Current.CancellationToken);
#pragma warning restore EF1002
        }

        await CompareAsync(provider.GetRequiredService<UnstaleCache>(), contexts.CreateDbContext, PostgresWrites, hasPrecision: false);
    }

    private static async Task CompareAsync(UnstaleCache cache, Func<ShopContext> open, int writes, bool hasPrecision)
    {
        if (Environment.GetEnvironmentVariable("UNSTALE_GENERATED_WRITES") is { } set)
            writes = int.Parse(set, CultureInfo.InvariantCulture);
        var tallies = await new Comparison(cache, open, Seed).RunAsync(writes);
        foreach (var (name, tally) in tallies)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{name,-24} compared {tally.Compared,6}  invalidated {tally.Taken,5}  changed {tally.Changed,5}  {tally.Taken / Math.Max(1.0, tally.Changed):0.00}"));
            if (hasPrecision && Precision.TryGetValue(name, out var limit))
                Assert.True(tally.Taken <= limit * tally.Changed, $"{name}: {tally.Taken} results were invalidated, but only {tally.Changed} changed.");
        }
    }
}
