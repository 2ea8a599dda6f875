using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Capture;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Readers that end at each step, lost slots, and missing readers.</summary>
[Collection<PostgresCollection>]
public sealed class CaptureFaultTests(PostgresServer server) : IAsyncLifetime
{
    private CaptureShop _shop = null!;

    private ShopDatabase Database => _shop.Database;

    public async ValueTask InitializeAsync() => _shop = await CaptureShop.CreateAsync(server);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory]
    [InlineData((int)CaptureStep.Decoded)]
    [InlineData((int)CaptureStep.Appended)]
    [InlineData((int)CaptureStep.Confirmed)]
    public async Task A_reader_that_fails_at_a_step_reads_the_change_again(int step)
    {
        var failures = 0;
        var node = await _shop.StartAsync(o => o.Reached = at =>
        {
            if ((int)at == step && Interlocked.Decrement(ref failures) >= 0)
                throw new InvalidOperationException("injected");
        });
        await _shop.WarmAsync(node);
        await node.PriceAsync(Database, 4);
        Volatile.Write(ref failures, 2);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await ReadsAsync(node, 12);
        await Eventually.TrueAsync("the reader has failed twice", () => Task.FromResult(Volatile.Read(ref failures) <= 0));
        await _shop.PassAsync(node);
    }

    [Fact]
    public async Task Changes_while_no_process_reads_are_read_by_the_next_reader()
    {
        var reader = await _shop.StartAsync();
        var other = await _shop.StartAsync(static o => o.IsReader = false);
        await _shop.WarmAsync(reader);
        await _shop.EndAsync(reader);
        await other.PriceAsync(Database, 4);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await _shop.StartAsync(setsUp: false);
        await ReadsAsync(other, 12);
    }

    [Fact]
    public async Task A_node_is_not_trusted_while_changes_stay_unread_and_trusted_again_after_they_are_read()
    {
        var reader = await _shop.StartAsync(Short);
        var other = await _shop.StartAsync(static o =>
        {
            Short(o);
            o.IsReader = false;
        });
        await _shop.WarmAsync(reader);
        Assert.Equal(10, await other.PriceAsync(Database, 4));
        await _shop.EndAsync(reader);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await Eventually.TrueAsync("the node is not trusted", () => Task.FromResult(!other.Cache.GetLogState().IsTrusted));
        Assert.Equal(12, await other.PriceAsync(Database, 4));
        await _shop.StartAsync(Short, setsUp: false);
        await Eventually.TrueAsync("the node is trusted again", () => Task.FromResult(other.Cache.GetLogState().IsTrusted));
        Assert.Equal(12, await other.PriceAsync(Database, 4));

        static void Short(ChangeCaptureOptions options) => options.MaximumLag = TimeSpan.FromSeconds(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((int)CaptureStep.SlotCreated)]
    [InlineData((int)CaptureStep.SlotInvalidated)]
    public async Task A_missing_slot_is_created_again_and_everything_is_invalidated_even_if_the_first_attempt_fails(int step)
    {
        var first = await _shop.StartAsync();
        var other = await _shop.StartAsync(static o => o.IsReader = false);
        await _shop.WarmAsync(first);
        await _shop.EndAsync(first);
        await other.PriceAsync(Database, 4);
        await _shop.DropSlotAsync();
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");

        var failures = 1;
        await _shop.StartAsync(setsUp: false, change: o => o.Reached = at =>
        {
            if ((int)at == step && Interlocked.Decrement(ref failures) >= 0)
                throw new InvalidOperationException("injected");
        });
        await ReadsAsync(other, 12);
        await _shop.PassAsync(other);
        await Eventually.TrueAsync("the slot of the first attempt is gone with its connection", async () =>
            await Database.QueryAsync<long>("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()") == 1);
    }

    [Fact]
    public async Task A_table_that_is_added_is_captured_and_its_earlier_changes_are_unknown()
    {
        await _shop.Database.ExecuteAsync("CREATE TABLE orders (id int PRIMARY KEY, n int); INSERT INTO orders VALUES (1, 1)");
        var old = await _shop.StartAsync();
        await _shop.WarmAsync(old);
        await OrderAsync(old, 1);
        await using var open = await Database.Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await open.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await open.ExecuteAsync("UPDATE orders SET n = 2", transaction: transaction);
        var adding = _shop.StartAsync(static o => o.AddTable("products").AddTable("orders"));
        await Eventually.TrueAsync("the setup waits for the open transaction", async () => await Database.QueryAsync<long>(
            "SELECT count(*) FROM pg_publication_tables WHERE tablename = 'orders'") == 1);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await adding;
        await OrderAsync(old, 2);
        await Database.ExecuteAsync("UPDATE orders SET n = 3");
        await OrderAsync(old, 3);

        async Task OrderAsync(ShopNode node, int n) => await Eventually.TrueAsync($"the node reads {n}", async () =>
            await node.Cache.GetOrCreateAsync("order", async _ => await Database.QueryAsync<int>("SELECT n FROM orders"), tags: ["orders:1"]) == n);
    }

    [Fact]
    public async Task A_commit_that_is_decoded_before_statements_see_it_is_invalidated_after_they_do_and_delays_no_later_commit()
    {
        await using var slow = new PostgresServer();
        await slow.InitializeAsync();
        await using var shop = await CaptureShop.CreateAsync(slow);
        var decoded = new TaskCompletionSource();
        var isArmed = false;
        await using var node = await ShopNode.StartInProcessAsync(shop.Database, builder => builder.UsePostgreSqlChangeCapture(o =>
        {
            (o.ConnectionString, o.Slot, o.Publication, o.Heartbeat) = (shop.Database.ConnectionString, shop.Slot, shop.Slot, TimeSpan.FromMilliseconds(50));
            o.AddTable("products");
            o.Reached = at => _ = Volatile.Read(ref isArmed) && at == CaptureStep.Decoded && decoded.TrySetResult();
        }));
        await node.Service<PostgreSqlChangeCapture>().SetupAsync(TestContext.Current.CancellationToken);
        await shop.WarmAsync(node);
        Assert.Equal([10m, 10m], [await node.PriceAsync(shop.Database, 4), await node.PriceAsync(shop.Database, 5)]);

        Volatile.Write(ref isArmed, true);
        await shop.Database.ExecuteAsync("CREATE TABLE probes (id int)");
        await shop.Database.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
        await shop.Database.ExecuteAsync("SELECT pg_reload_conf()");
        await Eventually.TrueAsync("commits wait", async () =>
        {
            var probe = shop.Database.ExecuteAsync("INSERT INTO probes VALUES (1)");
            await Task.WhenAny(probe, Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken));
            return !probe.IsCompleted;
        });
        var commit = shop.Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await decoded.Task.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        await shop.Database.ExecuteAsync("SET synchronous_commit = local; UPDATE products SET price = 13 WHERE id = 5");
        await Eventually.TrueAsync("the later commit is invalidated", () => Task.FromResult(!node.HasPrice(5)));
        Assert.False(commit.IsCompleted);
        Assert.True(node.HasPrice(4)); // an invalidation now would be followed by a load of the old price

        await shop.Database.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names");
        await shop.Database.ExecuteAsync("SELECT pg_reload_conf()");
        await commit;
        await Eventually.TrueAsync("the node reads the new price", async () => await node.PriceAsync(shop.Database, 4) == 12);
    }

    private async Task ReadsAsync(ShopNode node, decimal price) =>
        await Eventually.TrueAsync($"the node reads {price}", async () => await node.PriceAsync(Database, 4) == price);
}
