using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Loading;
using Unstale.Predicates;
using Unstale.Values;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Reads;

/// <summary>Shop in a SQLite database in memory, with a cache.</summary>
internal sealed class SqliteShop : IDisposable
{
    private readonly SqliteConnection _keeper;
    private readonly ServiceProvider _services;
    private int _keys;

    /// <param name="configure">Changes the options of the contexts.</param>
    /// <param name="hasForeignKeys">Whether the database checks foreign keys.</param>
    public SqliteShop(Action<DbContextOptionsBuilder>? configure = null, bool hasForeignKeys = true)
    {
        var source = $"Data Source=shop-{Guid.NewGuid():N};Mode=Memory;Cache=Shared;Foreign Keys={hasForeignKeys}";
        _keeper = new SqliteConnection(source);
        _keeper.Open();
        var services = new ServiceCollection();
        services.AddUnstale();
        services.AddDbContextFactory<ShopContext>(options =>
        {
            options.UseSqlite(source).UseUnstale();
            configure?.Invoke(options);
        });
        _services = services.BuildServiceProvider();
        using var context = Open();
        context.Database.EnsureCreated();
        context.Database.ExecuteSqlRaw("CREATE VIEW Summaries AS SELECT CategoryId, COUNT(*) AS Products FROM Products GROUP BY CategoryId");
    }

    public UnstaleCache Cache => _services.GetRequiredService<UnstaleCache>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ShopContext Open() => _services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContext();

    /// <summary>Returns the predicates that a load records.</summary>
    public async Task<string[]> RecordAsync(Func<ShopContext, Task> load)
    {
        string[] names = [];
        await Cache.GetOrCreateAsync($"key-{_keys++}", async _ =>
        {
            await using var context = Open();
            try
            {
                await load(context);
            }
            finally
            {
                names = [.. DependencyTag.PredicatesOf(AmbientLoad.Current!.Read?.Snapshot() ?? []).Order(StringComparer.Ordinal)];
            }

            return 1;
        }, cancellationToken: Stop);
        return names;
    }

    /// <summary>Returns the predicates that the execution of a query records.</summary>
    public Task<string[]> RecordAsync<T>(Func<ShopContext, IQueryable<T>> query) => RecordAsync(async context => await query(context).ToListAsync(Stop));

    /// <summary>Returns whether a load stores its value.</summary>
    public async Task<bool> IsStoredAsync(Func<Task> load)
    {
        var (key, loads) = ($"key-{_keys++}", 0);
        for (var i = 0; i < 2; i++)
        {
            await Cache.GetOrCreateAsync(key, async _ =>
            {
                loads++;
                await load();
                return 1;
            }, cancellationToken: Stop);
        }

        return loads == 1;
    }

    public async Task ChangeAsync(RowChange change) => await Cache.ChangedRowsAsync([change], reason: null, Stop);

    public void Dispose()
    {
        _services.Dispose();
        _keeper.Dispose();
    }
}
