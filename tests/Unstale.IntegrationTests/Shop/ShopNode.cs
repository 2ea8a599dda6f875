using System.Collections.Concurrent;
using System.Net.Http.Json;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Process of the shop or its worker among several, with helpers for requests.</summary>
internal sealed class ShopNode : IAsyncDisposable
{
    private readonly ShopProcess _process;
    private readonly HttpClient _client;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly Task _reading;

    private ShopNode(ShopProcess process, Uri address)
    {
        _process = process;
        _client = new HttpClient { BaseAddress = address };
        _reading = Task.Run(async () =>
        {
            await foreach (var line in process.LinesAsync())
                _lines.Enqueue(line);
        });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public Uri Address => _client.BaseAddress!;

    public IEnumerable<string> Lines => _lines;

    /// <param name="folder">Working folder.</param>
    /// <param name="redis">Connection string of Redis.</param>
    /// <param name="database">Connection string of the database.</param>
    /// <param name="address">Address of the replaced process; null for a free one.</param>
    /// <param name="arguments">Further arguments.</param>
    public static Task<ShopNode> StartAsync(string folder, string redis, string database, Uri? address = null, params string[] arguments) =>
        StartAsync(ShopProcess.Start, folder, redis, database, address, arguments);

    public static Task<ShopNode> StartWorkerAsync(string folder, string redis, string database, Uri? address = null, params string[] arguments) =>
        StartAsync(ShopProcess.StartWorker, folder, redis, database, address, arguments);

    private static async Task<ShopNode> StartAsync(
        Func<string, string[], ShopProcess> start, string folder, string redis, string database, Uri? address, string[] arguments)
    {
        var process = start(
            folder, ["--urls", address?.GetLeftPart(UriPartial.Authority) ?? "http://127.0.0.1:0", $"--ConnectionStrings:Redis={redis}", $"--ConnectionStrings:Shop={database}", "--environment=Development", .. arguments]);
        return new ShopNode(process, await process.AddressAsync(Cancel));
    }

    public async Task<Answer> GetAsync(string path) => await Answer.ReadAsync(await _client.GetAsync(new Uri(path, UriKind.Relative), Cancel));

    public async Task<Answer> PutAsync(string path, object body) =>
        await Answer.ReadAsync(await _client.PutAsJsonAsync(new Uri(path, UriKind.Relative), body, Cancel));

    public async Task<Answer> PostAsync(string path, object body) =>
        await Answer.ReadAsync(await _client.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, Cancel));

    public async Task<Answer> DeleteAsync(string path) => await Answer.ReadAsync(await _client.DeleteAsync(new Uri(path, UriKind.Relative), Cancel));

    /// <summary>Returns the price of the product named in the path, or of the first one in a list.</summary>
    public async Task<decimal> PriceAsync(string path)
    {
        var body = (await GetAsync(path)).Body!;
        return (decimal)(body is System.Text.Json.Nodes.JsonArray list ? list[0]! : body)["price"]!;
    }

    /// <summary>Reads until the value is served from the memory of this process, which requires a trusted log.</summary>
    public Task WarmAsync(string path) =>
        Eventually.TrueAsync($"{path} comes from memory", async () => (await GetAsync(path)).Outcome == "memory");

    public Task HasHealthAsync(string status, string redis) => Eventually.TrueAsync($"health is {status} and Redis {redis}", async () =>
    {
        var health = await GetAsync("/health");
        return (health["status"], health["redis"]) == (status, redis);
    });

    public Task SaysAsync(string words) =>
        Eventually.TrueAsync($"it says: {words}", () => Task.FromResult(_lines.Any(line => line.Contains(words, StringComparison.Ordinal))));

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _process.DisposeAsync();
        await _reading;
    }
}
