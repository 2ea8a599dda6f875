using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql.Outbox;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>Changes in the outbox, on two nodes over one log.</summary>
[Collection<PostgresCollection>]
public sealed class OutboxTests(PostgresServer server) : IAsyncLifetime
{
    private ShopDatabase _database = null!;
    private ShopNode _writer = null!;
    private ShopNode _other = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await ShopDatabase.CreateAsync(server);
        _writer = await ShopNode.StartWithOutboxAsync(_database, static o => o.IsRelay = false);
        _other = await ShopNode.StartWithOutboxAsync(_database);
        await Eventually.TrueAsync("the table exists", async () => await _database.QueryAsync<bool>("SELECT to_regclass('unstale.outbox') IS NOT NULL"));
        Assert.Equal([10m, 10m], [await _writer.PriceAsync(_database, 4), await _other.PriceAsync(_database, 4)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _other.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_is_in_force_here_when_it_returns_and_soon_on_the_other_node_and_its_row_is_marked()
    {
        var receipt = await _writer.Outbox.SetPriceAsync(_database, 12);
        Assert.Equal(ReceiptState.Applied, receipt!.State);
        Assert.Equal(12, await _writer.PriceAsync(_database, 4));
        await ReadsAsync(_other, 12);
        await Eventually.TrueAsync("the row is marked", async () => await _database.UnsentAsync() == 0);
    }

    [Fact]
    public async Task A_rollback_leaves_neither_a_row_nor_an_invalidation()
    {
        await _writer.Outbox.SetPriceAsync(_database, 12, static async (_, transaction) =>
        {
            await transaction.RollbackAsync();
            return null;
        });
        Assert.Equal(0, await _database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox"));
        await RelayedAsync();
        Assert.True(_writer.HasPrice(4) && _other.HasPrice(4));
    }

    [Fact]
    public async Task A_change_committed_without_the_outbox_is_sent_by_the_relay_of_another_node()
    {
        await _writer.Outbox.SetPriceAsync(_database, 12, static async (_, transaction) =>
        {
            await transaction.CommitAsync();
            return null;
        });
        await ReadsAsync(_writer, 12);
        await ReadsAsync(_other, 12);
        await Eventually.TrueAsync("the row is marked", async () => await _database.UnsentAsync() == 0);
    }

    [Fact]
    public async Task A_row_of_another_language_is_sent()
    {
        foreach (var sql in new[]
        {
            "SELECT unstale.outbox_add('products', '4', 'update', ARRAY['price'])", "SELECT unstale.outbox_add('products')",
            """INSERT INTO unstale.outbox (change) VALUES ('{"resource":"products","id":"4"}')""",
        })
        {
            await _writer.Cache.GetOrCreateAsync("all", _ => new ValueTask<int>(1), tags: ["products"], cancellationToken: TestContext.Current.CancellationToken);
            await _database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4; " + sql);
            await Eventually.TrueAsync($"{sql} is sent", () => Task.FromResult(!_writer.Cache.TryGet<int>("all", out _)));
        }
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_everything_and_blocks_no_other()
    {
        var failures = 0;
        foreach (var change in new[]
        {
            """{"resource":null}""", """{"id":"4"}""", """["products"]""", """{"resource":"products","operation":"upsert"}""", """{"resource":"products","price":1}""",
            """{"resource":"products","after":{"price":{"money":1}}}""", """{"resource":"products","id":""}""",
        })
        {
            await _writer.PriceAsync(_database, 4);
            await _database.ExecuteAsync("INSERT INTO unstale.outbox (change) VALUES (@change::jsonb)", new { change });
            await Eventually.TrueAsync($"{change} is everything", () => Task.FromResult(!_writer.HasPrice(4)));
            failures++;
            await Eventually.TrueAsync($"the failure of {change} is recorded", async () =>
                await _database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox WHERE failure IS NOT NULL AND sent_at IS NOT NULL") == failures);
        }

        await _writer.PriceAsync(_database, 4);
        await _database.ExecuteAsync("UPDATE products SET price = 13 WHERE id = 4; SELECT unstale.outbox_add('products', '4')");
        await ReadsAsync(_writer, 13);
    }

    [Fact]
    public async Task A_row_that_was_sent_to_another_generation_is_sent_again()
    {
        await _writer.Outbox.SetPriceAsync(_database, 12);
        await Eventually.TrueAsync("the row is marked", async () => await _database.UnsentAsync() == 0);
        await ReadsAsync(_other, 12);
        Assert.Equal(12, await _writer.PriceAsync(_database, 4));
        await RelayedAsync();
        Assert.True(_writer.HasPrice(4));

        await _database.ExecuteAsync("UPDATE unstale.outbox SET generation = 'ffffffffffffffff0000000000000001'");
        await Eventually.TrueAsync("the change is sent again", () => Task.FromResult(!_writer.HasPrice(4)));
        await Eventually.TrueAsync("the row has the new generation", async () =>
            await _database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox WHERE generation LIKE 'ffff%'") == 0);
    }

    [Fact]
    public async Task Sent_rows_are_deleted_after_the_retention()
    {
        await using var short_ = await ShopNode.StartWithOutboxAsync(_database, static o => o.Retention = TimeSpan.FromSeconds(1));
        await short_.Outbox.SetPriceAsync(_database, 12);
        await Eventually.TrueAsync("the row is deleted", async () => await _database.QueryAsync<long>("SELECT count(*) FROM unstale.outbox") == 0);
    }

    [Fact]
    public async Task Two_relays_share_the_rows_and_send_each_once()
    {
        await _other.DisposeAsync();
        var sent = new List<string>();
        _writer.Cache.Events.Invalidated += (_, e) =>
        {
            lock (sent)
            {
                foreach (var target in e.Record is { } record ? record.Targets.ToArray() : [])
                    sent.Add(target.Text);
            }
        };
        var (first, second) = (0, 0);
        await using var one = await ShopNode.StartWithOutboxAsync(_database, o => Small(o, step => first += step == OutboxStep.Relayed ? 1 : 0));
        await using var two = await ShopNode.StartWithOutboxAsync(_database, o => Small(o, step => second += step == OutboxStep.Relayed ? 1 : 0));
        await _database.ExecuteAsync("SELECT unstale.outbox_add('products', g::text) FROM generate_series(1, 300) g");
        await Eventually.TrueAsync("all rows are marked", async () => await _database.UnsentAsync() == 0);
        await Eventually.TrueAsync("all changes are in the log", () =>
        {
            lock (sent)
                return Task.FromResult(sent.Count(static tag => tag.StartsWith("products:", StringComparison.Ordinal)) >= 300);
        });
        lock (sent)
            Assert.Equal(300, sent.Count(static tag => tag.StartsWith("products:", StringComparison.Ordinal)));
        Assert.True(first > 0 && second > 0, $"{first} and {second} batches");

        static void Small(Unstale.PostgreSql.OutboxOptions options, Action<OutboxStep> reached) => (options.BatchSize, options.Reached) = (5, reached);
    }

    /// <summary>Waits until relays have looked at the table at least once from now on.</summary>
    private async Task RelayedAsync()
    {
        await _database.ExecuteAsync("SELECT unstale.outbox_add('unrelated')");
        await Eventually.TrueAsync("a later row is marked", async () => await _database.UnsentAsync() == 0);
    }

    private async Task ReadsAsync(ShopNode node, decimal price) =>
        await Eventually.TrueAsync($"the node reads {price}", async () => await node.PriceAsync(_database, 4) == price);
}
