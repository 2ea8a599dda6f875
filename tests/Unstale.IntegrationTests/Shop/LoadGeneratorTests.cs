using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;
using global::Shop.Load;

namespace Unstale.IntegrationTests.Shop;

public sealed class LoadGeneratorTests
{
    private const string Product =
        """{"id":1,"name":"n","description":"d","price":5,"category_id":1,"category_name":"c","featured":true,"cached":true}""";

    [Fact]
    public async Task A_shop_that_never_shows_a_write_is_found_stale()
    {
        await using var stub = await StubAsync(Product);
        var (code, output, _) = await RunAsync("--nodes", stub.Urls.Single(), "--seconds", "1", "--readers", "2", "--writers", "1", "--bound", "100");
        Assert.Equal(1, code);
        Assert.DoesNotContain("\n0 stale of ", output, StringComparison.Ordinal);
        Assert.Matches(@"showed 5\.?0* for a product, \d+ ms after http", output);
        Assert.Contains("not within the bound", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_load_generator_refuses_unusable_arguments_in_one_sentence()
    {
        await using var stub = await StubAsync("\"hello\"");
        await using var stale = await StubAsync(Product);
        var (other, shop) = (stub.Urls.Single(), stale.Urls.Single());
        var nobody = $"http://127.0.0.1:{FreePort()}";
        await RefusesAsync($"{nobody}/ does not answer; is it started?", "--nodes", nobody);
        await RefusesAsync($"{other}/ is no shop: it answers, but not with products.", "--nodes", other);
        await RefusesAsync($"{other}/ is no worker of the shop: it answers, but not with products.", "--nodes", shop, "--writers", "1", "--worker", other);
        await RefusesAsync("--seconds is 0; it must be at least 1.", "--nodes", other, "--seconds", "0");
        await RefusesAsync("--nodes: its address 1 is none; one looks like http://127.0.0.1:5080, with no user, path or query.", "--nodes", "shop");
        await RefusesAsync("--writers is 99, more than the shop has products (1); each has one writer at a time.", "--nodes", shop, "--writers", "99");
    }

    [Theory]
    [InlineData("http://app:hush@127.0.0.1:1")]
    [InlineData("http://hush@127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1/?key=hush")]
    [InlineData("http://127.0.0.1:1/hush")]
    [InlineData("http://127.0.0.1:1#hush")]
    [InlineData("http//app:hush@127.0.0.1:1")]
    [InlineData("ftp://app:hush@127.0.0.1:1")]
    public async Task An_address_with_a_credential_is_refused_and_not_shown(string address)
    {
        await RefusesAsync("--nodes: its address 2 is none; one looks like http://127.0.0.1:5080, with no user, path or query.", "--nodes", $"http://127.0.0.1:1,{address}");
        await RefusesAsync("--worker: its address 1 is none; one looks like http://127.0.0.1:5080, with no user, path or query.", "--nodes", "http://127.0.0.1:1", "--worker", address);
    }

    private static async Task RefusesAsync(string sentence, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((2, "", sentence), (code, output, error.TrimEnd()));
    }

    internal static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    internal static async Task<(int Code, string Output, string Error)> RunAsync(CancellationToken end, params string[] arguments)
    {
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter();
        var code = await LoadProgram.RunAsync(arguments, output, error, end);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Starts a server that returns the same text for every request.</summary>
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
}
