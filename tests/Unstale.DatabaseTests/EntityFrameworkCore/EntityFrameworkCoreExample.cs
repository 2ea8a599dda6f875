using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore;

/// <summary>Examples of docs/entity-framework.md.</summary>
public sealed class EntityFrameworkCoreExample
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_product_invalidates_the_list_of_its_category_without_a_tag()
    {
        var connection = $"Data Source=example-{Guid.NewGuid():N};Mode=Memory;Cache=Shared";
        await using var keeper = new SqliteConnection(connection);
        await keeper.OpenAsync(Stop);
        var services = new ServiceCollection();
        Add(services, connection);
        await using var provider = services.BuildServiceProvider();
        var contexts = provider.GetRequiredService<IDbContextFactory<ShopContext>>();
        var names = new Names(provider.GetRequiredService<UnstaleCache>(), contexts);
        await using var context = await contexts.CreateDbContextAsync(Stop);
        await context.Database.EnsureCreatedAsync(Stop);
        context.AddRange(new Category { Id = 3, Products = { new Product { Name = "Lamp" } } }, new Category { Id = 4 });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["Lamp"], await names.NamesAsync(3, Stop));
        var read = await ReadAsync(context, 3, Stop);
        Assert.Equal(["Lamp"], read.Names);
        Assert.Equal(("Lamp", 1), (read.Newest, read.Count));

        context.Add(new Product { Name = "Desk", CategoryId = 3 });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["Lamp", "Desk"], await names.NamesAsync(3, Stop));
        Assert.Equal(2, (await ReadAsync(context, 3, Stop)).Count);
    }

    [Fact]
    public async Task A_plain_query_is_answered_from_the_cache_until_a_save()
    {
        using var folder = new TemporaryFolder();
        var connection = $"Data Source={folder.File("example.db")};Pooling=False";
        var services = new ServiceCollection();
        AddCaching(services, connection);
        await using var provider = services.BuildServiceProvider();
        await using var context = await provider.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContextAsync(Stop);
        await context.Database.EnsureCreatedAsync(Stop);
        context.Add(new Category { Id = 3, Products = { new Product { Name = "Lamp" } } });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["Lamp"], await ReadPlainAsync(context, 3, Stop));
        await using (var other = new SqliteConnection(connection))
        {
            await other.OpenAsync(Stop);
            await using var command = other.CreateCommand();
            command.CommandText = "UPDATE Products SET Name = 'past the cache'";
            await command.ExecuteNonQueryAsync(Stop);
        }

        Assert.Equal(["Lamp"], await ReadPlainAsync(context, 3, Stop));
        context.Add(new Product { Name = "Desk", CategoryId = 3 });
        await context.SaveChangesAsync(Stop);
        Assert.Equal(["past the cache", "Desk"], await ReadPlainAsync(context, 3, Stop));
    }

    private static void AddCaching(IServiceCollection services, string connection)
    {
        services.AddDbContextFactory<ShopContext>(options => options.UseSqlite(connection));
        services.AddUnstale().UseEntityFrameworkCore<ShopContext>(unstale => unstale.CacheAllQueries(queries =>
        {
            queries.Expiration = TimeSpan.FromMinutes(5);
            queries.MaximumRows = 500;
            queries.ExcludeTable("Secrets");
        }));
    }

    private static async Task<List<string>> ReadPlainAsync(ShopContext context, int category, CancellationToken token)
    {
        var products = await context.Products.AsNoTracking().Where(product => product.CategoryId == category).ToListAsync(token);
        return [.. products.Select(static product => product.Name)];
    }

    private static void Add(IServiceCollection services, string connection)
    {
        services.AddDbContextFactory<ShopContext>(options => options.UseSqlite(connection));
        services.AddUnstale().UseEntityFrameworkCore<ShopContext>();
    }

    private static async Task<(List<string> Names, string? Newest, int Count)> ReadAsync(ShopContext context, int category, CancellationToken token)
    {
        var names = await context.Products.Where(product => product.CategoryId == category).Select(product => product.Name).ToCachedListAsync(cancellationToken: token);
        var newest = await context.Products.OrderByDescending(product => product.Added).CachedFirstOrDefaultAsync(cancellationToken: token);
        var count = await context.Products.CachedCountAsync(cancellationToken: token);
        return (names, newest?.Name, count);
    }

    private sealed class Names(UnstaleCache cache, IDbContextFactory<ShopContext> contexts)
    {
        public ValueTask<List<string>> NamesAsync(int category, CancellationToken token) => cache.GetOrCreateAsync($"names:{category}", async token =>
        {
            await using var context = await contexts.CreateDbContextAsync(token);
            return await context.Products.Where(product => product.CategoryId == category).Select(product => product.Name).ToListAsync(token);
        }, cancellationToken: token);
    }
}
