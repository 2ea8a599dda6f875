using System.Transactions;
using Dapper;
using Npgsql;
using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>Transactions of a real database and the resulting reads on two nodes over a real log.</summary>
[Collection<PostgresCollection>]
public sealed class TransactionTests(PostgresServer server) : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RedisNode Here => _cluster[0];

    private RedisNode There => _cluster[1];

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await server.CreateDatabaseAsync());
        await using var connection = await _database.OpenConnectionAsync(Stop);
        await connection.ExecuteAsync(
            "CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, twin text UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO products VALUES (7, 'old', 'a'), (8, 'other', 'b')");
        _cluster = await RedisCluster.StartAsync(2);
        Assert.Equal(["old", "old"], [await ReadAsync(Here), await ReadAsync(There)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_change_is_visible_on_both_nodes_after_the_commit_and_only_in_its_own_flow_before()
    {
        await using var connection = await _database.OpenConnectionAsync(Stop);
        await using (var work = new InvalidatingTransaction(await connection.BeginTransactionAsync(Stop), Here.Invalidator))
        {
            await RenameAsync(connection, "new");
            await Here.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
            Assert.Equal("new", await ReadAsync(Here, connection));
            Assert.Equal(["old", "old"], await OthersAsync());
            var receipt = await work.CommitAsync(Stop);
            await receipt.WaitForAllNodesAsync(Stop);
        }

        Assert.Equal(["new", "new"], await OthersAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_rollback_drops_the_receipt_and_both_nodes_serve_the_old_cached_value(bool isAmbient)
    {
        InvalidationReceipt receipt;
        if (isAmbient)
        {
            using var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
            receipt = await WriteAsync();
        }
        else
        {
            await using var connection = await _database.OpenConnectionAsync(Stop);
            await using var work = new InvalidatingTransaction(await connection.BeginTransactionAsync(Stop), Here.Invalidator);
            await RenameAsync(connection, "never");
            receipt = await Here.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
            Assert.Equal("never", await ReadAsync(Here, connection));
            await work.RollbackAsync(Stop);
        }

        Assert.Equal(ReceiptState.Dropped, receipt.State);
        Assert.Equal(["old", "old"], await OthersAsync());
        Assert.All(_cluster.Nodes, node => Assert.Equal(EntryState.Live, node.Cache.Inspect("product:7")!.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_database_enlisted_in_a_transaction_commits_in_one_phase_and_both_nodes_see_it(bool withScope)
    {
        // Prepared transactions are disabled on the server, so a two-phase commit would fail.
        InvalidationReceipt receipt;
        using (var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            using var scope = withScope ? Here.Invalidator.BeginScope() : null;
            receipt = await WriteAsync();
            Assert.Equal("new", await ReadAsync(Here));
            Assert.Equal(["old", "old"], await OthersAsync());
            if (scope is not null)
                await scope.CompleteAsync(Stop);
            transaction.Complete();
        }

        Assert.Equal("new", await ReadAsync(Here));
        await receipt.WaitForAllNodesAsync(Stop);
        Assert.Equal(["new", "new"], await OthersAsync());
    }

    [Fact]
    public async Task Two_resources_of_which_one_cannot_prepare_abort_and_nothing_is_raised()
    {
        InvalidationReceipt receipt;
        var transaction = new TransactionScope(TransactionScopeAsyncFlowOption.Enabled);
        receipt = await WriteAsync();
        await using (var second = new NpgsqlConnection(await OtherDatabaseAsync()))
        {
            await second.OpenAsync(Stop);
            await second.ExecuteAsync("SELECT 1");
        }

        transaction.Complete();
        Assert.ThrowsAny<TransactionException>(transaction.Dispose);
        Assert.Equal(ReceiptState.Dropped, receipt.State);
        Assert.Equal(["old", "old"], await OthersAsync());
    }

    [Fact]
    public async Task A_refused_commit_raises_nothing()
    {
        await using var connection = await _database.OpenConnectionAsync(Stop);
        await using var work = new InvalidatingTransaction(await connection.BeginTransactionAsync(Stop), Here.Invalidator);
        await connection.ExecuteAsync("UPDATE products SET twin = 'b' WHERE id = 7");
        var receipt = await Here.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
        Assert.Equal("23505", (await Assert.ThrowsAsync<PostgresException>(() => work.CommitAsync(Stop))).SqlState);
        Assert.Equal(ReceiptState.Dropped, receipt.State);
        Assert.Equal(EntryState.Live, Here.Cache.Inspect("product:7")!.State);
    }

    [Fact]
    public async Task A_commit_that_fails_on_a_lost_connection_still_appends_its_invalidations()
    {
        await using var connection = await _database.OpenConnectionAsync(Stop);
        await using var work = new InvalidatingTransaction(await connection.BeginTransactionAsync(Stop), Here.Invalidator);
        await RenameAsync(connection, "lost");
        var receipt = await Here.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
        await using (var killer = await _database.OpenConnectionAsync(Stop))
            Assert.True(await killer.ExecuteScalarAsync<bool>("SELECT pg_terminate_backend(@pid, 5000)", new { pid = connection.ProcessID }));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => work.CommitAsync(Stop));
        await Eventually.TrueAsync("it is in the log", () => Task.FromResult(receipt.State == ReceiptState.Applied));
        Assert.NotEqual(EntryState.Live, Here.Cache.Inspect("product:7")?.State);
        Assert.Equal("old", await ElsewhereAsync(Here));
    }

    private static Task<int> RenameAsync(NpgsqlConnection connection, string name) => connection.ExecuteAsync("UPDATE products SET name = @name WHERE id = 7", new { name });

    private async Task<InvalidationReceipt> WriteAsync()
    {
        await using var connection = await _database.OpenConnectionAsync(Stop);
        await RenameAsync(connection, "new");
        return await Here.Invalidator.ChangedAsync("product", 7, cancellationToken: Stop);
    }

    private async Task<string> OtherDatabaseAsync()
    {
        using var apart = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await server.CreateDatabaseAsync();
    }

    private ValueTask<string> ReadAsync(RedisNode node, NpgsqlConnection? own = null) => node.Cache.GetOrCreateAsync(
        "product:7",
        async token =>
        {
            await using var opened = own is null ? await _database.OpenConnectionAsync(token) : null;
            return await (own ?? opened)!.ExecuteScalarAsync<string>("SELECT name FROM products WHERE id = 7") ?? "none";
        },
        tags: ["product:7"],
        cancellationToken: Stop);

    /// <summary>Reads on both nodes outside the current transaction, as other requests would.</summary>
    private async Task<string[]> OthersAsync() => [await ElsewhereAsync(Here), await ElsewhereAsync(There)];

    private Task<string> ElsewhereAsync(RedisNode node)
    {
        using (ExecutionContext.SuppressFlow())
            return Task.Run(() => ReadAsync(node).AsTask(), Stop);
    }
}
