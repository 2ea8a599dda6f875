using System.Net.Http.Json;

namespace Shop;

/// <summary>
/// Comparison of two nodes with a plain HybridCache in a terminal: a shop over a database of its own, two writes, and the answers after each. Ends by
/// itself.
/// </summary>
internal static class Demo
{
    private const string Product = "/products/1";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("unstale-shop-");
        try
        {
            return await RunAsync($"Data Source={Path.Combine(folder.FullName, "shop.db")}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> RunAsync(string database)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = Environments.Development,
            Args = ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:Shop", database],
        });
        builder.AddShop();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapShop();
        if (!await app.PrepareAsync() || !await app.ListenAsync())
            return 1;

        using var shop = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await WriteAsync(shop, "a", 949.5m);
        await PrintAsync(shop, "Node a writes the price 949.50:");
        await Task.Delay(Pause, TimeProvider.System);
        await PrintAsync(shop, "2 seconds later:");
        await WriteAsync(shop, "b", 899.5m);
        await PrintAsync(shop, "Node b writes the price 899.50:");
        return 0;
    }

    private static async Task WriteAsync(HttpClient shop, string node, decimal price)
    {
        using var answer = await shop.PutAsJsonAsync(new Uri($"/nodes/{node}{Product}", UriKind.Relative), new { price });
        answer.EnsureSuccessStatusCode();
    }

    private static async Task PrintAsync(HttpClient shop, string title)
    {
        await Console.Out.WriteLineAsync(title);
        await Console.Out.WriteLineAsync(await shop.GetStringAsync(new Uri($"/nodes{Product}/table", UriKind.Relative)));
    }
}
