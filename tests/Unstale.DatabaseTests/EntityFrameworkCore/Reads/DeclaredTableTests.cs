using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Views, SQL queries and functions whose tables the model declares.</summary>
[Collection<PostgresCollection>]
public sealed class DeclaredTableTests(PostgresServer server)
{
    private static readonly string[] Sources = ["view", "sql"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_query_of_a_declared_view_depends_on_its_tables_and_an_undeclared_one_on_every_table(bool isPostgres)
    {
        using var folder = new TemporaryFolder();
        await using var services = new ServiceCollection().AddUnstale().Services.BuildServiceProvider();
        var cache = services.GetRequiredService<UnstaleCache>();
        var postgres = isPostgres ? await server.CreateDatabaseAsync() : null;
        await using var context = Open();
        await context.Database.EnsureCreatedAsync(Stop);
        await context.Database.ExecuteSqlRawAsync("""CREATE VIEW "Totals" AS SELECT "Kind", count(*) AS "Count" FROM "Items" GROUP BY "Kind" """, Stop);
        await context.Database.ExecuteSqlRawAsync("""CREATE VIEW "Kinds" AS SELECT "Kind" FROM "Items" """, Stop);
        if (isPostgres)
        {
            await context.Database.ExecuteSqlRawAsync(
                """CREATE FUNCTION kinds() RETURNS TABLE ("Kind" integer) LANGUAGE sql AS 'SELECT "Kind" FROM "Items"' """, Stop);
        }

        foreach (var source in isPostgres ? Sources.Append("function") : Sources)
        {
            await ReadAsync(source);
            Assert.Equal(["Items[]{*}"], cache.Explain(source).Rows);
        }

        await ReadAsync("text");
        await ReadAsync("undeclared");
        Assert.Equal(["Items", "Others"], TablesOf("undeclared"));
        Assert.Equal(["Items", "Others"], TablesOf("text"));

        context.Add(new Other { Id = 1 });
        await context.SaveChangesAsync(Stop);
        Assert.True(cache.TryGet<int>("view", out _));
        Assert.True(cache.TryGet<int>("sql", out _));
        Assert.False(cache.TryGet<int>("undeclared", out _));
        context.Add(new Item { Id = 1, Kind = 7 });
        await context.SaveChangesAsync(Stop);
        Assert.False(cache.TryGet<int>("view", out _));
        Assert.Equal(1, await ReadAsync("view"));
        Assert.Equal(1, await ReadAsync("sql"));

        ViewContext Open()
        {
            var options = new DbContextOptionsBuilder<ViewContext>();
            if (postgres is not null)
                options.UseNpgsql(postgres);
            else
                options.UseSqlite($"Data Source={folder.File("views.db")};Pooling=False");
            options.UseUnstale(cache);
            return new(options.Options);
        }

        async Task<int> ReadAsync(string source) => await cache.GetOrCreateAsync(source, async token =>
        {
            await using var reader = Open();
            return source switch
            {
                "view" => await reader.Set<Total>().CountAsync(token),
                "sql" => await reader.Set<Doubled>().CountAsync(static one => one.Value > 0, token),
                "function" => await reader.Set<KindRow>().CountAsync(token),
                "text" => await reader.Set<Total>().FromSql($"SELECT 1 AS \"Kind\", 2 AS \"Count\"").CountAsync(token),
                _ => await reader.Set<Undeclared>().CountAsync(token),
            };
        }, cancellationToken: Stop);

        string[] TablesOf(string key) => [.. cache.Explain(key).Rows.Select(static row => row.Split('[')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_declared_table_that_is_not_part_of_the_model_fails_the_query()
    {
        await using var services = new ServiceCollection().AddUnstale().Services.BuildServiceProvider();
        var options = new DbContextOptionsBuilder<ViewContext>();
        options.UseSqlite("Data Source=:memory:").UseUnstale(services.GetRequiredService<UnstaleCache>());
        await using var context = new ViewContext(options.Options);
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => context.Set<Mistyped>().CountAsync(Stop));
        Assert.Equal(
            "DependsOnTables of Mistyped names 'items', which is no table of the model. Write the name with its schema if the model names one, such as 'sales.orders', and map the table.",
            refused.Message);
    }

    [Fact]
    public void A_declaration_without_a_table_is_refused()
    {
        var builder = new ModelBuilder().Entity<Total>();
        var refused = Assert.Throws<ArgumentException>(() => builder.DependsOnTables());
        Assert.StartsWith("DependsOnTables of Total names no table. Name each table that the view reads", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => builder.DependsOnTables("Items", ""));
    }

    private sealed class Item
    {
        public int Id { get; set; }

        public int Kind { get; set; }
    }

    private sealed class Other
    {
        public int Id { get; set; }
    }

    private sealed class Total
    {
        public int Kind { get; set; }

        public int Count { get; set; }
    }

    private sealed class Doubled
    {
        public int Value { get; set; }
    }

    private sealed class KindRow
    {
        public int Kind { get; set; }
    }

    private sealed class Undeclared
    {
        public int Kind { get; set; }
    }

    private sealed class Mistyped
    {
        public int Kind { get; set; }
    }

    private sealed class ViewContext(DbContextOptions<ViewContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder)
        {
            modelBuilder.Entity<Item>().ToTable("Items");
            modelBuilder.Entity<Other>().ToTable("Others");
            modelBuilder.Entity<Total>().HasNoKey().ToView("Totals").DependsOnTables("Items");
            modelBuilder.Entity<Doubled>().HasNoKey().ToSqlQuery("SELECT 2 * \"Kind\" AS \"Value\" FROM \"Items\"").DependsOnTables("Items");
            modelBuilder.Entity<KindRow>().HasNoKey().ToFunction("kinds").DependsOnTables("Items");
            modelBuilder.Entity<Undeclared>().HasNoKey().ToView("Kinds");
            modelBuilder.Entity<Mistyped>().HasNoKey().ToView("Mistyped").DependsOnTables("items");
        }
    }
}
