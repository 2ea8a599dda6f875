using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql.Outbox;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Outbox;

/// <summary>
/// Ends at each step: a committed change is invalidated, and a change that is not committed never is. Processes are killed once at each step, or
/// UNSTALE_KILLS times.
/// </summary>
public sealed class OutboxCrashTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private static readonly int Kills = int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_KILLS"), out var kills) ? kills : 1;

    private ShopDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await ShopDatabase.CreateAsync(server);
        await _database.ExecuteAsync(Unstale.PostgreSql.PostgreSqlOutbox.Script());
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData((int)OutboxStep.Added)]
    [InlineData((int)OutboxStep.Committed)]
    [InlineData((int)OutboxStep.Raised)]
    [InlineData((int)OutboxStep.Marked)]
    public async Task A_writer_is_killed(int step)
    {
        await using var survivor = await ShopNode.StartWithOutboxAsync(_database);
        for (var i = 0; i < Kills; i++)
        {
            var before = await survivor.PriceAsync(_database, 4);
            await RunChildAsync(step, "writer");
            var after = await _database.PriceAsync(4);
            Assert.Equal(step == (int)OutboxStep.Added ? before : before + 1, after);
            if (step == (int)OutboxStep.Added)
            {
                await _database.ExecuteAsync("SELECT unstale.outbox_add('unrelated')");
                await AllMarkedAsync();
                Assert.True(survivor.HasPrice(4));
            }
            else
            {
                await ReadsAsync(survivor, after);
                await AllMarkedAsync();
            }
        }
    }

    [Theory]
    [InlineData((int)OutboxStep.Read)]
    [InlineData((int)OutboxStep.Relayed)]
    [InlineData((int)OutboxStep.RelayMarked)]
    [InlineData((int)OutboxStep.RelayCommitted)]
    public async Task A_relay_is_killed(int step)
    {
        for (var i = 0; i < Kills; i++)
        {
            await using var reader = await ShopNode.StartWithOutboxAsync(_database, static o => o.IsRelay = false);
            var price = await reader.PriceAsync(_database, 4) + 1;
            await _database.ExecuteAsync("UPDATE products SET price = @price WHERE id = 4; SELECT unstale.outbox_add('products', '4')", new { price });
            await RunChildAsync(step, "relay");
            Assert.Equal(step == (int)OutboxStep.RelayCommitted ? 0 : 1, await _database.UnsentAsync());
            await using var survivor = await ShopNode.StartWithOutboxAsync(_database);
            await ReadsAsync(reader, price);
            await AllMarkedAsync();
        }
    }

    [Theory]
    [InlineData((int)OutboxStep.Read)]
    [InlineData((int)OutboxStep.Relayed)]
    [InlineData((int)OutboxStep.RelayMarked)]
    public async Task A_relay_that_fails_repeats_the_row(int step)
    {
        var failures = 2;
        await using var node = await ShopNode.StartWithOutboxAsync(_database, o => o.Reached = at =>
        {
            if ((int)at == step && failures-- > 0)
                throw new InvalidOperationException("injected");
        });
        await node.PriceAsync(_database, 4);
        await _database.ExecuteAsync("UPDATE products SET price = 11 WHERE id = 4; SELECT unstale.outbox_add('products', '4')");
        await ReadsAsync(node, 11);
        await AllMarkedAsync();
        Assert.True(failures < 0);
    }

    private async Task RunChildAsync(int step, string role)
    {
        using var child = KilledProcess.Start<OutboxChild>(role, step, 1, _database.ConnectionString);
        await child.EndAsync();
    }

    [Fact]
    public async Task Processes_are_killed_at_random_steps_and_moments()
    {
        var run = new CrashRun("outbox");
        await using var one = await ShopNode.StartWithOutboxAsync(_database, static o => o.IsRelay = false);
        await using var two = await ShopNode.StartWithOutboxAsync(_database, static o => o.IsRelay = false);
        await using var traffic = new ShopTraffic(_database, [one, two], WriteAsync, CrashRun.Seed);
        for (var i = 0; i < run.Kills; i++)
        {
            var step = run.NextStep<OutboxStep>();
            traffic.Start();
            using var child = KilledProcess.Start<OutboxChild>("shop", (int?)step ?? 0, run.NextTimes(), _database.ConnectionString);
            var other = run.NextIsTrue() ? await ShopNode.StartWithOutboxAsync(_database) : null;
            if (step is null)
                await run.KillAsync(child, most: 1500);
            await child.EndAsync();
            await using var survivor = other ?? await ShopNode.StartWithOutboxAsync(_database);
            await traffic.SettleAsync();
            await AllMarkedAsync();
        }

        run.Report(traffic);

        Task WriteAsync(int id) => _database.ExecuteAsync(
            "UPDATE products SET price = price + 1 WHERE id = @id; SELECT unstale.outbox_add('products', @id::text)", new { id });
    }

    private async Task AllMarkedAsync() => await Eventually.TrueAsync("all rows are marked", async () => await _database.UnsentAsync() == 0);

    private async Task ReadsAsync(ShopNode node, decimal price) =>
        await Eventually.TrueAsync($"the node reads {price}", async () => await node.PriceAsync(_database, 4) == price);
}
