using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Changes by plain SQL, which no code of the library sees, on two nodes over one log.</summary>
[Collection<PostgresCollection>]
public sealed class CaptureTests(PostgresServer server) : IAsyncLifetime
{
    private CaptureShop _shop = null!;
    private ShopNode _reader = null!;
    private ShopNode _other = null!;

    private ShopDatabase Database => _shop.Database;

    public async ValueTask InitializeAsync()
    {
        _shop = await CaptureShop.CreateAsync(server);
        _reader = await _shop.StartAsync();
        _other = await _shop.StartAsync(static o => o.IsReader = false);
        await _shop.WarmAsync(_reader);
        await _shop.PassAsync(_other); // its log also has the record of the whole table that follows the first look at a table
        Assert.Equal([10m, 10m], [await _reader.PriceAsync(Database, 4), await _other.PriceAsync(Database, 4)]);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        await _other.DisposeAsync();
        await _shop.DisposeAsync();
    }

    [Fact]
    public async Task An_update_of_another_program_is_invalidated_on_both_nodes_and_no_other_row_is()
    {
        await _reader.PriceAsync(Database, 5);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await ReadsAsync(_reader, 12);
        await ReadsAsync(_other, 12);
        Assert.True(_reader.HasPrice(5));
    }

    [Fact]
    public async Task A_rolled_back_update_is_not_invalidated()
    {
        await Database.ExecuteAsync("BEGIN; UPDATE products SET price = 12 WHERE id = 4; ROLLBACK");
        await Database.ExecuteAsync("BEGIN; SAVEPOINT s; UPDATE products SET price = 12 WHERE id = 4; ROLLBACK TO s; COMMIT");
        await _shop.PassAsync(_reader);
        Assert.True(_reader.HasPrice(4));
    }

    [Fact]
    public async Task A_change_by_a_trigger_is_captured()
    {
        await Database.ExecuteAsync(
            "CREATE TABLE orders (product int); CREATE FUNCTION raise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE products SET price = price + 1 WHERE id = NEW.product; RETURN NEW; END $$; " +
            "CREATE TRIGGER raise AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION raise(); INSERT INTO orders VALUES (4)");
        await ReadsAsync(_other, 11);
    }

    [Fact]
    public async Task A_result_is_invalidated_if_and_only_if_a_row_enters_leaves_or_changes_it()
    {
        (string Sql, bool IsHit)[] steps =
        [
            ("UPDATE products SET category = 2 WHERE id = 3", false), ("UPDATE products SET price = 11 WHERE id = 3", false),
            ("UPDATE products SET name = 'new' WHERE id = 4", false), ("INSERT INTO products VALUES (1000, 2, 10, null)", false),
            ("DELETE FROM products WHERE id = 6", false), ("UPDATE products SET id = 4000 WHERE id = 3", false), ("UPDATE products SET price = price", false),
            ("UPDATE products SET category = 1 WHERE id = 9", true), ("UPDATE products SET category = 2 WHERE id = 4", true),
            ("UPDATE products SET price = 11 WHERE id = 7", true), ("INSERT INTO products VALUES (1001, 1, 10, null)", true),
            ("DELETE FROM products WHERE id = 10", true), ("UPDATE products SET price = 12", true), ("TRUNCATE products", true),
        ];
        foreach (var (sql, isHit) in steps)
        {
            await Eventually.TrueAsync("the prices of category 1 are stored", async () =>
            {
                await _other.Cache.GetOrCreateAsync("list", static (context, _) =>
                {
                    context.DependsOn(Predicate.On("products").Where("category", 1).Using("price"));
                    return new ValueTask<int>(1);
                });
                return _other.Cache.TryGet<int>("list", out _);
            });
            await Database.ExecuteAsync(sql);
            if (isHit)
                await Eventually.TrueAsync($"{sql} invalidates", () => Task.FromResult(!_other.Cache.TryGet<int>("list", out _)));
            else
                await _shop.PassAsync(_other);
            Assert.True(isHit != _other.Cache.TryGet<int>("list", out _), sql);
        }
    }

    [Fact]
    public async Task Another_process_reads_after_the_reader_has_ended()
    {
        var next = await _shop.StartAsync(setsUp: false);
        await _shop.EndAsync(_reader);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        await ReadsAsync(_other, 12);
        await _shop.PassAsync(next);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(12_000)]
    public async Task A_transaction_of_many_rows_invalidates_each_of_them(int rows)
    {
        await _other.Cache.GetOrCreateAsync("last", _ => new ValueTask<int>(1), tags: [$"products:{1000 + rows}"], cancellationToken: TestContext.Current.CancellationToken);
        await Database.ExecuteAsync("INSERT INTO products SELECT 1000 + g, 7, 10, null FROM generate_series(1, @rows) g", new { rows });
        await Eventually.TrueAsync("the last row is invalidated", () => Task.FromResult(!_other.Cache.TryGet<int>("last", out _)));
    }

    private async Task ReadsAsync(ShopNode node, decimal price) =>
        await Eventually.TrueAsync($"the node reads {price}", async () => await node.PriceAsync(Database, 4) == price);
}
