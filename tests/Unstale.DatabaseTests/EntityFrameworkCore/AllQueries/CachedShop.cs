using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.AllQueries;

/// <summary>Database of one test, whose contexts cache all their queries.</summary>
internal sealed class CachedShop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;
    private readonly Action<QueryCachingOptions>? _configure;

    private CachedShop(string? postgres, Action<QueryCachingOptions>? configure)
    {
        IsPostgres = postgres is not null;
        ConnectionString = postgres ?? $"Data Source={_folder.File("shop.db")};Pooling=False";
        _configure = configure;
        var services = new ServiceCollection();
        services.AddUnstale();
        _services = services.BuildServiceProvider();
    }

    public bool IsPostgres { get; }

    public string ConnectionString { get; }

    public UnstaleCache Cache => _services.GetRequiredService<UnstaleCache>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<CachedShop> StartAsync(PostgresServer? server, Action<QueryCachingOptions>? configure = null)
    {
        var shop = new CachedShop(server is null ? null : await server.CreateDatabaseAsync(), configure);
        await using var context = shop.Open();
        await context.Database.EnsureCreatedAsync(Stop);
        context.Add(new Category { Id = 1, Name = "tools", Products = { Product(1, "bolt", 3), Product(2, "nut", 4) } });
        context.Add(new Category { Id = 2, Name = "empty" });
        await context.SaveChangesAsync(Stop);
        return shop;
    }

    public static Product Product(int id, string name, int rating) =>
        new() { Id = id, Name = name, Rating = rating, Price = 1.50m, Added = new DateTime(2020, 1, 2), Lines = { new OrderLine { Id = id, Quantity = id } } };

    public ShopContext Open() => new(Configure(new DbContextOptionsBuilder<ShopContext>()).Options);

    /// <summary>Adds the database and the cache to the options of a context.</summary>
    public DbContextOptionsBuilder<TContext> Configure<TContext>(DbContextOptionsBuilder<TContext> options)
        where TContext : DbContext
    {
        if (IsPostgres)
            options.UseNpgsql(ConnectionString);
        else
            options.UseSqlite(ConnectionString);
        options.UseUnstale(Cache, unstale => unstale.CacheAllQueries(_configure));
        return options;
    }

    /// <summary>Returns whether a second execution of a query is answered from the cache.</summary>
    public async Task<bool> IsCachedAsync(Func<ShopContext, Task> query)
    {
        await using var context = Open();
        await query(context);
        var before = Cache.GetStatistics().Hits;
        await query(context);
        return Cache.GetStatistics().Hits > before;
    }

    /// <summary>Executes SQL on a connection of its own, without a report to the cache.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the text is a constant of the test
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Stop);
    }

    public async Task<DbConnection> ConnectAsync()
    {
        DbConnection connection = IsPostgres ? new NpgsqlConnection(ConnectionString) : new SqliteConnection(ConnectionString);
        await connection.OpenAsync(Stop);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _folder.Dispose();
    }
}
