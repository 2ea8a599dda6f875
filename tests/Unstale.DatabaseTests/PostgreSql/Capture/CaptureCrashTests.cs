using Unstale.DatabaseTests.PostgreSql.Support;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Support;
using Unstale.PostgreSql;
using Unstale.PostgreSql.Capture;
using Xunit;

namespace Unstale.DatabaseTests.PostgreSql.Capture;

/// <summary>Readers that are killed while another program writes: the next reader invalidates every committed change on all nodes.</summary>
public sealed class CaptureCrashTests(PostgresServer server) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    private static readonly TimeSpan HandoverTime = TimeSpan.FromSeconds(10);

    private CaptureShop _shop = null!;
    private ShopNode[] _nodes = [];
    private ShopTraffic _traffic = null!;

    private ShopDatabase Database => _shop.Database;

    public async ValueTask InitializeAsync()
    {
        _shop = await CaptureShop.CreateAsync(server);
        _nodes = [await _shop.StartAsync(Follower), await _shop.StartAsync(Follower)];
        _traffic = new(Database, _nodes, id => Database.ExecuteAsync("UPDATE products SET price = price + 1 WHERE id = @id", new { id }), CrashRun.Seed);
    }

    public async ValueTask DisposeAsync()
    {
        await _traffic.DisposeAsync();
        await _shop.DisposeAsync();
    }

    [Theory]
    [InlineData((int)CaptureStep.Decoded)]
    [InlineData((int)CaptureStep.Appended)]
    [InlineData((int)CaptureStep.Confirmed)]
    [InlineData((int)CaptureStep.SlotCreated)]
    [InlineData((int)CaptureStep.SlotInvalidated)]
    public async Task A_reader_is_killed_at_a_step(int step)
    {
        if (IsOfSlot((CaptureStep)step))
            await _shop.DropSlotAsync();
        foreach (var node in _nodes)
            await node.PriceAsync(Database, 4);
        await Database.ExecuteAsync("UPDATE products SET price = 12 WHERE id = 4");
        _traffic.Start();
        using (var child = KilledProcess.Start<CaptureChild>(step, 1, Database.ConnectionString))
            await child.EndAsync();
        if ((CaptureStep)step is not CaptureStep.Appended) // of several transactions that are appended at once, another one may be the first
        {
            var isInLog = (CaptureStep)step is not (CaptureStep.Decoded or CaptureStep.SlotCreated);
            await Eventually.TrueAsync("the old price is held if and only if its change is not in the log", () => Task.FromResult(_nodes.All(node => node.HasPrice(4) != isInLog)));
        }

        await _shop.StartAsync(Patient, setsUp: false);
        var writes = _traffic.Writes;
        await Eventually.TrueAsync("writes continue", () => Task.FromResult(_traffic.Writes > writes + 100));
        await _traffic.SettleAsync();
        Assert.Equal([12m, 12m], [await _nodes[0].PriceAsync(Database, 4), await _nodes[1].PriceAsync(Database, 4)]);
        Assert.True(_traffic.HeldWrites > 0);
    }

    [Fact]
    public async Task Readers_are_killed_at_random_steps_and_moments()
    {
        var run = new CrashRun("capture");
        for (var i = 0; i < run.Kills; i++)
        {
            var step = run.NextStep<CaptureStep>();
            if (IsOfSlot(step))
                await _shop.DropSlotAsync();
            _traffic.Start();
            using var child = KilledProcess.Start<CaptureChild>((int?)step ?? 0, IsOfSlot(step) ? 1 : run.NextTimes(), Database.ConnectionString);
            var isOtherWaiting = run.NextIsTrue();
            if (isOtherWaiting)
                await Eventually.TrueAsync("the process reads or has ended", async () => child.HasEnded || await _shop.IsReadAsync());
            var other = isOtherWaiting ? await _shop.StartAsync(Patient, setsUp: false) : null;
            if (step is null)
                await run.KillAsync(child, most: isOtherWaiting ? 200 : 1500);
            await child.EndAsync();
            other ??= await _shop.StartAsync(Patient, setsUp: false);
            await _traffic.SettleAsync();
            await _shop.EndAsync(other);
            await Eventually.TrueAsync("the server has ended the connection of the reader", async () => !await _shop.IsReadAsync());
        }

        run.Report(_traffic);
    }

    [Fact]
    public async Task Two_readers_that_lose_the_slot_to_each_other_lose_no_change()
    {
        var (first, second) = (0, 0);
        await _shop.StartAsync(o => Count(o, () => first++));
        await _shop.StartAsync(o => Count(o, () => second++));
        _traffic.Start();
        for (var begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin) < HandoverTime;)
        {
            var seen = first + second;
            await Eventually.TrueAsync("a process reads", () => Task.FromResult(first + second > seen));
            await Database.ExecuteAsync("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = current_database() AND active");
        }

        await _traffic.SettleAsync();
        Assert.True(first > 0 && second > 0, $"{first} and {second} transactions");
        Assert.True(_traffic.HeldWrites > 0);

        static void Count(ChangeCaptureOptions options, Action decoded)
        {
            Patient(options);
            options.Reached = step => (step == CaptureStep.Decoded ? decoded : static () => { })();
        }
    }

    private static bool IsOfSlot(CaptureStep? step) => step is CaptureStep.SlotCreated or CaptureStep.SlotInvalidated;

    /// <summary>A node that stops to trust its values would hide a lost change.</summary>
    private static void Patient(ChangeCaptureOptions options) => options.MaximumLag = TimeSpan.FromMinutes(10);

    private static void Follower(ChangeCaptureOptions options)
    {
        Patient(options);
        options.IsReader = false;
    }
}
