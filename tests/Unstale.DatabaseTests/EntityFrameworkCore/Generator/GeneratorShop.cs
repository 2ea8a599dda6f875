using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.Log;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Database without foreign keys, and the nodes of an application over it, whose caches follow one log.</summary>
internal sealed class GeneratorShop : IAsyncDisposable
{
    private readonly string _source;
    private readonly int _count;
    private readonly ShopContext _plain;
    private readonly List<ServiceProvider> _providers = [];
    private readonly List<GeneratorNode> _nodes = [];

    private GeneratorShop(string source, int count, bool isPostgres)
    {
        (_source, _count, IsPostgres) = (source, count, isPostgres);
        _plain = new ShopContext(Connect(new DbContextOptionsBuilder<ShopContext>()).Options);
    }

    public IReadOnlyList<GeneratorNode> Nodes => _nodes;

    /// <summary>Connection outside the nodes: for plain SQL, and for reads of the truth. With the functions that the provider adds to SQLite.</summary>
    public DbConnection Connection => _plain.Database.GetDbConnection();

    /// <summary>Commands of the contexts of all nodes.</summary>
    public CommandCapture Commands { get; } = new();

    public bool IsPostgres { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts nodes over SQLite in memory. Their log is in this process.</summary>
    public static Task<GeneratorShop> StartAsync(int nodes) =>
        StartAsync(new GeneratorShop($"Data Source=generator-{Guid.NewGuid():N};Mode=Memory;Cache=Shared;Foreign Keys=False", nodes, isPostgres: false), LogOfProcess());

    /// <summary>Starts nodes over PostgreSQL. The log of several nodes is in the database.</summary>
    public static async Task<GeneratorShop> StartAsync(PostgresServer server, int nodes)
    {
        var source = await server.CreateDatabaseAsync();
        return await StartAsync(new GeneratorShop(source, nodes, isPostgres: true), nodes == 1 ? LogOfProcess() : builder => builder.UsePostgreSqlLog(source));
    }

    /// <summary>Waits until all nodes have applied the writes of one of them.</summary>
    public async Task WaitAsync(GeneratorNode writer)
    {
        if (Nodes.Count == 1)
            return;
        var marker = await writer.Cache.Invalidator.InvalidateTagAsync("written", cancellationToken: Stop); // follows the records of the writes
        foreach (var node in Nodes)
            Assert.Equal(PositionStatus.Reached, await node.Cache.WaitForPositionAsync(marker.Positions, TimeSpan.FromMinutes(1), Stop));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            foreach (var service in provider.GetServices<IHostedService>())
                await service.StopAsync(CancellationToken.None);
            await provider.DisposeAsync();
        }

        await _plain.DisposeAsync();
    }

    private static Action<IUnstaleBuilder> LogOfProcess()
    {
        var log = new InProcessLog();
        return builder => builder.Services.AddKeyedSingleton<IInvalidationLog>("default", log);
    }

    private static async Task<GeneratorShop> StartAsync(GeneratorShop shop, Action<IUnstaleBuilder> log)
    {
        await shop._plain.Database.OpenConnectionAsync(Stop);
        await shop.CreateTablesAsync(); // before the log creates its own ones
        for (var i = 0; i < shop._count; i++)
            await shop.AddNodeAsync(log);
        return shop;
    }

    /// <summary>The contexts of several nodes read old values.</summary>
    private void Configure(UnstaleContextOptions options)
    {
        if (_count > 1)
            options.ReadOldValues();
    }

    private async Task CreateTablesAsync()
    {
        await _plain.Database.EnsureCreatedAsync(Stop);
        if (!IsPostgres)
            return;
        foreach (var key in _plain.Model.GetRelationalModel().Tables.SelectMany(static table => table.ForeignKeyConstraints))
#pragma warning disable EF1002 // names of the model
            await _plain.Database.ExecuteSqlRawAsync($"ALTER TABLE \"{key.Table.Name}\" DROP CONSTRAINT \"{key.Name}\"", Stop);
#pragma warning restore EF1002
    }

    private async Task AddNodeAsync(Action<IUnstaleBuilder> log)
    {
        var services = new ServiceCollection().AddLogging();
        log(services.AddUnstale());
        services.AddDbContextFactory<ShopContext>(options => Connect(options).UseUnstale(Configure).AddInterceptors(Commands));
        var provider = services.BuildServiceProvider();
        _providers.Add(provider);
        foreach (var service in provider.GetServices<IHostedService>())
            await service.StartAsync(Stop);
        var node = new GeneratorNode(provider.GetRequiredService<UnstaleCache>(), provider.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContext);
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(node.Cache.GetLogState().IsTrusted));
        _nodes.Add(node);
    }

    private TOptions Connect<TOptions>(TOptions options)
        where TOptions : DbContextOptionsBuilder
    {
        if (IsPostgres)
            options.UseNpgsql(_source);
        else
            options.UseSqlite(_source);
        return options;
    }
}
