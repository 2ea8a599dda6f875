using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using global::Shop.Load;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public sealed partial class LoadTests() : ClusterTest(null)
{
    [Fact]
    public async Task Two_nodes_under_load_show_nothing_stale_and_have_their_old_prices_afterwards()
    {
        var before = (await PricesAsync(), (await Here.GetAsync("/products/ttl/1"))["category_name"]);
        var (code, output, error) = await RunAsync("--nodes", $"{Here.Address},{There.Address}", "--seconds", "3", "--readers", "8", "--rounds", "2");
        Assert.True((code, error) == (0, ""), $"{code} {error}\n{output}");
        Assert.Contains("\n0 stale of ", output, StringComparison.Ordinal);
        Assert.Contains(" 0 failed\n", output, StringComparison.Ordinal);
        Assert.True(double.Parse(HitRatio().Match(output).Groups[1].Value) > 10, output);
        Assert.True(int.Parse(Writes().Match(output).Groups[1].Value) > 10, output);
        foreach (var strategy in new[] { "TTL", "Explicit", "Write-through", "Event-based", "SWR", "Cache tags", "Production" })
            Assert.Matches($@"\n{strategy} +[\d.]+ +[\d.]+ +[\d.]+ +[\d.]+, [\d.]+\n", output);
        await WithinAsync(Second, "the old prices and the old name", async () =>
            (await PricesAsync()).SequenceEqual(before.Item1) && (await There.GetAsync("/products/ttl/1"))["category_name"] == before.Item2);
    }

    [Fact]
    public async Task A_shop_that_never_shows_a_write_is_found_stale()
    {
        await using var stub = await StubAsync("""{"id":1,"name":"n","description":"d","price":5,"category_id":1,"category_name":"c","featured":true,"cached":true}""");
        var (code, output, _) = await RunAsync("--nodes", stub.Urls.Single(), "--seconds", "1", "--readers", "2", "--bound", "100");
        Assert.Equal(1, code);
        Assert.DoesNotContain("\n0 stale of ", output, StringComparison.Ordinal);
        Assert.Matches(@"showed 5\.?0* for a product, \d+ ms after http", output);
        Assert.Contains("not within the bound", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_it_cannot_run_with_it_refuses_in_one_sentence()
    {
        await using var stub = await StubAsync("\"hello\"");
        var other = stub.Urls.Single();
        var nobody = $"http://127.0.0.1:{FreePort()}";
        await RefusesAsync($"{nobody}/ does not answer; is it started?", "--nodes", nobody);
        await RefusesAsync($"{other}/ is no shop: it answers, but not with products.", "--nodes", other);
        await RefusesAsync($"{other}/ is no worker of the shop: it answers, but not with products.", "--nodes", $"{Here.Address}", "--worker", other);
        await RefusesAsync("--seconds is 0; it has to be at least 1.", "--nodes", other, "--seconds", "0");
        await RefusesAsync("--nodes has 'shop', which is no address; one looks like http://127.0.0.1:5080.", "--nodes", "shop");
        await RefusesAsync("--writers is 99, and the shop has 11 products; each has one writer at a time.", "--nodes", $"{Here.Address}", "--writers", "99");
    }

    private static async Task RefusesAsync(string sentence, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((2, "", sentence), (code, output, error.TrimEnd()));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter();
        var code = await LoadProgram.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>A server that answers every request with the same text.</summary>
    private static async Task<WebApplication> StubAsync(string body)
    {
        var builder = WebApplication.CreateBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapFallback("{**path}", () => Results.Text(body, "application/json"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex(@"hit ratio ([\d.]+)", RegexOptions.None, 1000)]
    private static partial Regex HitRatio();

    [GeneratedRegex(@"\nwrites +(\d+)", RegexOptions.None, 1000)]
    private static partial Regex Writes();
}
