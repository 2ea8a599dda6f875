using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Capture;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Shop of one test with change capture, and the nodes that the test starts.</summary>
internal sealed class CaptureShop(ShopDatabase database) : IAsyncDisposable
{
    private readonly List<ShopNode> _nodes = [];
    private int _warm;

    public ShopDatabase Database => database;

    public string Slot => new NpgsqlConnectionStringBuilder(database.ConnectionString).Database!;

    public static async Task<CaptureShop> CreateAsync(PostgresServer server)
    {
        var database = await ShopDatabase.CreateAsync(server);
        await database.ExecuteAsync("ALTER TABLE products REPLICA IDENTITY FULL");
        return new(database);
    }

    /// <summary>Starts a node with change capture, which sets it up unless another node has.</summary>
    public async Task<ShopNode> StartAsync(Action<ChangeCaptureOptions>? change = null, bool setsUp = true)
    {
        var node = await ShopNode.StartAsync(database, builder => builder.UsePostgreSqlChangeCapture(o =>
        {
            (o.ConnectionString, o.Slot, o.Publication, o.Heartbeat) = (database.ConnectionString, Slot, Slot, TimeSpan.FromMilliseconds(50));
            change?.Invoke(o);
            if (o.Tables.Count == 0)
                o.AddTable("products");
        }));
        _nodes.Add(node);
        if (setsUp)
            await node.Service<PostgreSqlChangeCapture>().SetupAsync();
        return node;
    }

    /// <summary>Waits until a change of product 300 has passed, so that the reader has seen the table.</summary>
    public async Task WarmAsync(ShopNode node)
    {
        await Eventually.TrueAsync("a process reads", async () => (await node.Service<PostgreSqlChangeCapture>().GetStatusAsync()).IsReading);
        await PassAsync(node);
    }

    /// <summary>Waits until all changes that were committed before are in force on a node.</summary>
    public async Task PassAsync(ShopNode node)
    {
        var key = $"warm:{++_warm}";
        await Eventually.TrueAsync("a value is stored", async () =>
        {
            await node.Cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), tags: ["products:300"]);
            return node.Cache.TryGet<int>(key, out _);
        });
        await database.ExecuteAsync("UPDATE products SET name = name || '+' WHERE id = 300");
        await Eventually.TrueAsync("the change has passed", () => Task.FromResult(!node.Cache.TryGet<int>(key, out _)));
    }

    /// <summary>Returns whether a process reads the slot.</summary>
    public Task<bool> IsReadAsync() => database.QueryAsync<bool>("SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = current_database() AND active)");

    /// <summary>Drops the slot once no process reads it.</summary>
    public Task DropSlotAsync() => Eventually.TrueAsync("the slot is dropped", () => database.QueryAsync<bool>(
        "SELECT count(pg_drop_replication_slot(slot_name)) > 0 FROM pg_replication_slots WHERE slot_name = current_database() AND NOT active"));

    /// <summary>Ends a node.</summary>
    public async Task EndAsync(ShopNode node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await using (var connection = await database.Source.OpenConnectionAsync())
        {
            // A slot would retain the log of the whole server, and the number of slots is limited.
            await Eventually.TrueAsync("the slots are dropped", async () =>
            {
                await connection.ExecuteAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active");
                await connection.ExecuteAsync("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active");
                return await connection.QuerySingleAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()") == 0;
            });
        }

        await database.DisposeAsync();
    }
}
