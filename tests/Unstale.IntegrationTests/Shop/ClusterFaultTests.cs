using System.Globalization;
using System.Text.RegularExpressions;
using Unstale.IntegrationTests.PostgreSql;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Two nodes and the worker under load, while one of the processes they need, or one of them, goes away and comes back.</summary>
[Collection<LoadCollection>]
public sealed partial class ClusterFaultTests(PostgresServer postgres) : ClusterTest(postgres)
{
    private const string Held = "/cart/products";

    private readonly PostgresServer _postgres = postgres;

    /// <summary>What Redis finds when it starts again.</summary>
    public enum Kept
    {
        All,
        Part,
        Nothing,
    }

    private string Log => Path.Combine(Redis.Folder, "appendonlydir");

    private protected override Task<RedisServer> StartRedisAsync() => RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "always");

    /// <summary>Once for longer than what is held is trusted without it.</summary>
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
        await load.WritesGoOnAsync("while Redis is away", Here, Held);
        Keep(kept);
        await Redis.StartAgainAsync();
        await SayAsync("redis", "connected", Here, There, worker);
        await SayAsync("status", "healthy", Here, There, worker);
        await GoesOnAsync(load, worker);
        Assert.Contains(" 0 failed\n", await load.EndAsync(), StringComparison.Ordinal);
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
            await load.WritesGoOnAsync("without the worker", There, Held);
            worker = await StartWorkerAsync(worker.Address);
        }
        else
        {
            await Here.DisposeAsync();
            await load.WritesGoOnAsync("without the node", There, Held);
            Here = await StartNodeAsync(Here.Address);
        }

        await using var last = worker;
        await GoesOnAsync(load, worker);
        FailedOnlyMeanwhile(await load.EndAsync());
    }

    private async Task<RunningLoad> LoadAsync(ShopNode worker)
    {
        await SayAsync("status", "healthy", Here, There, worker);
        var load = new RunningLoad([Here, There], worker);
        await load.WritesGoOnAsync("at the beginning", Here, Held);
        return load;
    }

    private async Task GoesOnAsync(RunningLoad load, ShopNode worker)
    {
        await load.WritesGoOnAsync("afterwards", Here, Held);
        await load.WritesGoOnAsync("afterwards", There, "/products/production");
        await load.WritesGoOnAsync("afterwards", worker, Held);
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

    /// <summary>As after a crash before the newest writes were on the disk.</summary>
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
