using System.Globalization;
using System.Text.RegularExpressions;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Two nodes and the worker under load, while one of them, or a process they need, fails and returns.</summary>
[Collection<LoadCollection>]
public sealed partial class ClusterFaultTests(PostgresServer postgres) : ClusterTest(postgres)
{
    private readonly PostgresServer _postgres = postgres;

    /// <summary>Data that Redis finds when it starts again.</summary>
    public enum Kept
    {
        All,
        Part,
        Nothing,
    }

    private string Log => Path.Combine(Redis.Folder, "appendonlydir");

    private protected override Task<RedisServer> StartRedisAsync() => RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");

    /// <summary>One of the cases lasts longer than held values are trusted without Redis.</summary>
    [Theory]
    [InlineData(Kept.All, "healthy")]
    [InlineData(Kept.Part, "healthy")]
    [InlineData(Kept.Nothing, "degraded")]
    public async Task While_Redis_is_restarted_nothing_stale_is_shown_and_no_request_fails(Kept kept, string until)
    {
        await using var worker = await StartWorkerAsync();
        await using var load = await LoadAsync(worker);
        await Redis.StopAsync();
        await SayAsync("redis", "unreachable", Here, There, worker);
        await SayAsync("status", until, Here, There, worker);
        await load.WritesGoOnAsync("while Redis is away", 1);
        Keep(kept);
        await Redis.StartAgainAsync();
        await SayAsync("redis", "connected", Here, There, worker);
        await SayAsync("status", "healthy", Here, There, worker);
        await GoesOnAsync(load, worker);
        Assert.Contains(" 0 failed\n", await load.EndAsync(), StringComparison.Ordinal);
    }

    /// <summary>
    /// The load restores the prices before the worker is back, so that no later write hides a missed one. The log continues, or is lost meanwhile.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_cut_off_from_Redis_shows_nothing_stale_during_the_outage_and_after_the_reconnect(bool isLogLost)
    {
        await Redis.RunAsync("ACL", "SETUSER", "cart", "on", ">rose", "~*", "&*", "+@all");
        await using var worker = await ShopNode.StartWorkerAsync(Folder, $"redis://cart:rose@{Redis.EndPoint}", Database);
        await using var load = await LoadAsync(worker);
        await Redis.RunAsync("ACL", "SETUSER", "cart", "off");
        await Redis.RunAsync("CLIENT", "KILL", "USER", "cart");
        await SayAsync("redis", "unreachable", worker);
        await load.WritesGoOnAsync("while the worker is cut off", 1);
        Assert.Contains(" 0 failed\n", await load.EndAsync(), StringComparison.Ordinal);
        if (isLogLost)
            await Redis.RunAsync("FLUSHALL");
        await Redis.RunAsync("ACL", "SETUSER", "cart", "on");
        await SayAsync("redis", "connected", Here, There, worker);
        await SayAsync("status", "healthy", Here, There, worker);
        var cents = await load.CentsAsync();
        for (var id = 1; id <= cents.Count; id++)
            await WithinAsync(Delivery, $"the worker shows product {id} as it is", async () => await worker.PriceAsync($"/cart/products/{id}") * 100 == cents[id - 1]);
    }

    [Fact]
    public async Task While_PostgreSQL_is_restarted_requests_fail_and_nothing_stale_is_shown()
    {
        await using var worker = await StartWorkerAsync();
        await using var load = await LoadAsync(worker);
        await _postgres.StopAsync();
        await SayAsync("database", "unreachable", Here, There, worker);
        await _postgres.StartAgainAsync();
        await SayAsync("database", "connected", Here, There, worker);
        await GoesOnAsync(load, worker);
        FailedOnlyMeanwhile(await load.EndAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_the_worker_or_a_node_is_killed_and_started_again_nothing_stale_is_shown(bool isWorker)
    {
        var worker = await StartWorkerAsync();
        await using var load = await LoadAsync(worker);
        if (isWorker)
        {
            await worker.DisposeAsync();
            await load.WritesGoOnAsync("without the worker", 1);
            worker = await StartWorkerAsync(worker.Address);
        }
        else
        {
            await Here.DisposeAsync();
            await load.WritesGoOnAsync("without the node", 1);
            Here = await StartNodeAsync(Here.Address);
        }

        await using var last = worker;
        await GoesOnAsync(load, worker);
        FailedOnlyMeanwhile(await load.EndAsync());
    }

    [Fact]
    public async Task A_node_that_does_not_share_the_log_is_found_stale()
    {
        await using var elsewhere = await RedisServer.StartAsync();
        await using var deaf = await ShopNode.StartAsync(Folder, elsewhere.EndPoint.ToString(), Database);
        await SayAsync("status", "healthy", Here, deaf);
        var (code, output, _) = await LoadGeneratorTests.RunAsync("--nodes", $"{Here.Address},{deaf.Address}", "--seconds", "2", "--readers", "4", "--rounds", "0");
        Assert.True(code == 1, output);
        Assert.DoesNotContain("\n0 stale of ", output, StringComparison.Ordinal);
    }

    private async Task<RunningLoad> LoadAsync(ShopNode worker)
    {
        await SayAsync("status", "healthy", Here, There, worker);
        var load = new RunningLoad(Database, [Here, There], worker);
        await load.WritesGoOnAsync("at the beginning", 1);
        return load;
    }

    private async Task GoesOnAsync(RunningLoad load, ShopNode worker)
    {
        foreach (var server in new[] { Here, There, worker })
            await server.WarmAsync("/cart/products/1");
        await load.WritesGoOnAsync("afterwards", 2);
    }

    private static async Task SayAsync(string field, string word, params ShopNode[] servers)
    {
        foreach (var server in servers)
            await Eventually.TrueAsync($"health says of {field}: {word}", async () => (await server.GetAsync("/health"))[field] == word);
    }

    private static void FailedOnlyMeanwhile(string report)
    {
        Assert.Contains("(0 late ones excused", report, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 failed\n", report, StringComparison.Ordinal);
        Assert.True(Number(LastFailure(), report) < Number(Length(), report), report);
    }

    private static double Number(Regex text, string report) => double.Parse(text.Match(report).Value, CultureInfo.InvariantCulture);

    private void Keep(Kept kept)
    {
        if (kept == Kept.Nothing)
            Directory.Delete(Log, recursive: true);
        else if (kept == Kept.Part)
            Halve(Directory.GetFiles(Log, "*.incr.aof").Single());
    }

    /// <summary>Cuts a file in half, as a crash does before the newest writes are on the disk.</summary>
    private static void Halve(string path)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(file.Length / 2);
    }

    [GeneratedRegex(@"(?<=the last after )[\d.]+", RegexOptions.None, 1000)]
    private static partial Regex LastFailure();

    [GeneratedRegex(@"(?<=requests/s for )[\d.]+", RegexOptions.None, 1000)]
    private static partial Regex Length();
}
