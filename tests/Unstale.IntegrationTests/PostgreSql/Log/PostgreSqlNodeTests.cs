using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.PostgreSql.Log;

/// <summary>Caches with a log in PostgreSQL, registered as in an application, in two processes.</summary>
[Collection<PostgresCollection>]
public sealed class PostgreSqlNodeTests(PostgresServer server) : IAsyncLifetime
{
    private readonly List<ServiceProvider> _nodes = [];
    private string _database = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    [Fact]
    public async Task A_value_invalidated_on_one_node_is_served_by_no_node_after_WaitForAllNodes()
    {
        var (here, there) = (await NodeAsync(), await NodeAsync());
        for (var i = 0; i < 20; i++)
        {
            await LoadAsync(there, i, "t");
            var receipt = await InvalidatorOf(here).InvalidateTagAsync("t", cancellationToken: Stop);
            Assert.Equal(ReceiptState.Applied, receipt.State);
            await receipt.WaitForAllNodesAsync(Stop);
            Assert.False(CacheOf(there).TryGet("k", out int _));
        }
    }

    [Fact]
    public async Task A_record_reaches_another_node_without_any_wait_of_the_writer()
    {
        var (here, there) = (await NodeAsync(), await NodeAsync());
        await LoadAsync(there, 1);
        await CacheOf(here).RemoveAsync("k", Stop);
        await Eventually.TrueAsync("the other node dropped the key", () => Task.FromResult(!CacheOf(there).TryGet("k", out int _)));
        Assert.Equal(CacheOf(here).GetLogState().Position, CacheOf(there).GetLogState().Position);
    }

    [Fact]
    public async Task A_position_of_one_node_is_reached_on_another()
    {
        var (here, there) = (await NodeAsync(), await NodeAsync());
        var receipt = await InvalidatorOf(here).InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(PositionStatus.Reached, await CacheOf(there).WaitForPositionAsync(receipt.Positions, TimeSpan.FromSeconds(20), Stop));
    }

    [Fact]
    public async Task While_the_database_is_unavailable_nothing_stale_is_served_and_invalidations_are_queued()
    {
        var (here, there) = (await NodeAsync(), await NodeAsync());
        await LoadAsync(there, 1);
        await SetAvailableAsync(false);
        var receipt = await InvalidatorOf(here).InvalidateKeyAsync("k", cancellationToken: Stop);
        Assert.Equal(ReceiptState.Queued, receipt.State);
        await Eventually.TrueAsync("the other node is not trusted", () => Task.FromResult(!CacheOf(there).GetLogState().IsTrusted));
        Assert.Equal(2, await CacheOf(there).GetOrCreateAsync("k", _ => ValueTask.FromResult(2), cancellationToken: Stop));

        await SetAvailableAsync(true);
        await Eventually.TrueAsync("both nodes are trusted again", () => Task.FromResult(CacheOf(here).GetLogState() is { IsTrusted: true, Queued: 0 } && CacheOf(there).GetLogState().IsTrusted));
        Assert.Equal(3, await CacheOf(there).GetOrCreateAsync("k", _ => ValueTask.FromResult(3), cancellationToken: Stop));
    }

    [Fact]
    public async Task Keyed_caches_share_the_log_that_they_name()
    {
        void Add(IServiceCollection services)
        {
            services.AddUnstale("shop", o => o.Log = "orders").UsePostgreSqlLog(_database, o => o.Schema = "shop_cache");
            services.AddUnstale("cart", o => o.Log = "orders");
            services.AddInvalidationLog("orders", o => o.StalenessBound = TimeSpan.FromSeconds(20));
        }

        var (here, there) = (await NodeAsync(Add, "shop"), await NodeAsync(Add, "shop"));
        await LoadAsync(there, 1, cache: "cart");
        await CacheOf(here, "shop").RemoveAsync("k", Stop);
        await Eventually.TrueAsync("the cart of the other node dropped the key", () => Task.FromResult(!CacheOf(there, "cart").TryGet("k", out int _)));
    }

    [Fact]
    public async Task The_data_source_of_the_application_is_used_and_not_disposed()
    {
        await using var source = NpgsqlDataSource.Create(_database);
        var given = await NodeAsync(services => services.AddUnstale().UsePostgreSqlLog(source));
        var registered = await NodeAsync(services => services.AddSingleton(source).AddUnstale().UsePostgreSqlLog(_ => { }));
        await LoadAsync(registered, 1);
        await CacheOf(given).RemoveAsync("k", Stop);
        await Eventually.TrueAsync("the other node dropped the key", () => Task.FromResult(!CacheOf(registered).TryGet("k", out int _)));
        await given.DisposeAsync();
        await using var command = source.CreateCommand("SELECT 1");
        Assert.Equal(1, await command.ExecuteScalarAsync(Stop));
    }

    [Fact]
    public async Task An_older_version_written_through_is_superseded_on_every_node()
    {
        var (here, there) = (await NodeAsync(), await NodeAsync());
        var newer = await CacheOf(here).WriteThroughAsync("k", 2, new SourceVersion(2), cancellationToken: Stop);
        Assert.Equal(ReceiptState.Applied, newer.State);
        var older = await CacheOf(there).WriteThroughAsync("k", 1, new SourceVersion(1), cancellationToken: Stop);
        Assert.Equal((ReceiptState.Superseded, newer.Positions), (older.State, older.Positions));
        Assert.False(CacheOf(there).TryGet("k", out int _));
    }

    /// <summary>Starts a node and waits until it is trusted.</summary>
    private async Task<ServiceProvider> NodeAsync(Action<IServiceCollection>? add = null, string? cache = null)
    {
        var services = new ServiceCollection();
        services.AddInvalidationLog(o => (o.StalenessBound, o.AppendTimeout) = (TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(500)));
        if (add is null)
            services.AddUnstale().UsePostgreSqlLog(_database);
        else
            add(services);
        var node = services.BuildServiceProvider();
        _nodes.Add(node);
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(CacheOf(node, cache).GetLogState().IsTrusted));
        return node;
    }

    /// <summary>Closes all connections of the nodes, and refuses new ones; or permits connections again.</summary>
    private async Task SetAvailableAsync(bool isAvailable)
    {
        var name = new NpgsqlConnectionStringBuilder(_database).Database;
        await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false");
        await Dapper.SqlMapper.ExecuteAsync(
            connection, $"ALTER DATABASE {name} ALLOW_CONNECTIONS {isAvailable}; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    }

    private static async Task LoadAsync(ServiceProvider node, int value, string? tag = null, string? cache = null)
    {
        Assert.Equal(value, await CacheOf(node, cache).GetOrCreateAsync("k", _ => ValueTask.FromResult(value), tags: tag is null ? null : [tag], cancellationToken: Stop));
        Assert.True(CacheOf(node, cache).TryGet("k", out int _));
    }

    private static UnstaleCache CacheOf(ServiceProvider node, string? cache = null) =>
        cache is null ? node.GetRequiredService<UnstaleCache>() : node.GetRequiredKeyedService<UnstaleCache>(cache);

    private static IInvalidator InvalidatorOf(ServiceProvider node) => node.GetRequiredService<IInvalidator>();
}
