using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.EntityFrameworkCore;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.Log;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Database without foreign keys, and the nodes of an application over it, whose caches follow one log.</summary>
internal sealed class GeneratorShop : IAsyncDisposable
{
    private readonly string _source;
    private readonly int _count;
    private readonly ShopContext _plain;
    private readonly Action<IUnstaleBuilder> _log;
    private readonly List<GeneratorNode> _nodes = [];

    private GeneratorShop(string source, int count, bool isPostgres, Action<IUnstaleBuilder> log)
    {
        (_source, _count, IsPostgres, _log) = (source, count, isPostgres, log);
        _plain = new ShopContext(Connect(new DbContextOptionsBuilder<ShopContext>()).Options);
    }

    public IReadOnlyList<GeneratorNode> Nodes => _nodes;

    /// <summary>Connection outside the nodes: for plain SQL, and for reads of the truth. With the functions that the provider adds to SQLite.</summary>
    public DbConnection Connection => _plain.Database.GetDbConnection();

    /// <summary>Commands of the contexts of all nodes.</summary>
    public CommandCapture Commands { get; } = new();

    public bool IsPostgres { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts nodes over SQLite in memory. Their log is in this process unless another one is given.</summary>
    public static Task<GeneratorShop> StartAsync(int nodes, Action<IUnstaleBuilder>? log = null) =>
        StartAsync(new GeneratorShop($"Data Source=generator-{Guid.NewGuid():N};Mode=Memory;Cache=Shared;Foreign Keys=False", nodes, isPostgres: false, log ?? LogOfProcess()));

    /// <summary>Starts nodes over PostgreSQL. The log of several nodes is in the database.</summary>
    public static async Task<GeneratorShop> StartAsync(PostgresServer server, int nodes)
    {
        var source = await server.CreateDatabaseAsync();
        return await StartAsync(new GeneratorShop(source, nodes, isPostgres: true, nodes == 1 ? LogOfProcess() : builder => builder.UsePostgreSqlLog(source)));
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

    /// <summary>Starts a node that no query and no write uses by itself. The caller disposes it.</summary>
    public Task<GeneratorNode> StartNodeAsync()
    {
        var services = new ServiceCollection().AddLogging();
        _log(services.AddUnstale());
        services.AddDbContextFactory<ShopContext>(options => Connect(options).UseUnstale(Configure).AddInterceptors(Commands));
        return GeneratorNode.StartAsync(services.BuildServiceProvider());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await _plain.DisposeAsync();
    }

    private static Action<IUnstaleBuilder> LogOfProcess()
    {
        var log = new InProcessLog();
        return builder => builder.Services.AddKeyedSingleton<IInvalidationLog>("default", log);
    }

    private static async Task<GeneratorShop> StartAsync(GeneratorShop shop)
    {
        await shop._plain.Database.OpenConnectionAsync(Stop);
        await shop.CreateTablesAsync(); // before the log creates its own ones
        for (var i = 0; i < shop._count; i++)
            shop._nodes.Add(await shop.StartNodeAsync());
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
