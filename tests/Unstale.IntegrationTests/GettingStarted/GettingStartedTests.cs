using System.Text.RegularExpressions;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Shop;
using Unstale.IntegrationTests.Support;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.GettingStarted;

/// <summary>The page for beginners, run command by command: the program starts as the page starts it, and prints the output that the page shows.</summary>
public sealed partial class GettingStartedTests : IAsyncLifetime
{
    private const string Server = "localhost:6379";

    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs/getting-started.md"));

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    /// <summary>Running programs, by their address on the page.</summary>
    private readonly Dictionary<string, (ShopProcess Process, Uri Address)> _nodes = new(StringComparer.Ordinal);
    private RedisServer _redis = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _redis.DisposeAsync();
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_commands_of_the_getting_started_page_print_the_output_that_the_page_shows()
    {
        var requests = 0;
        foreach (var commands in Transcripts().Matches(Page).Select(static block => block.Groups["lines"].Value))
        {
            if (Start().Matches(commands) is { Count: > 0 } starts)
            {
                await StopAsync();
                foreach (Match start in starts)
                    await StartAsync(start.Groups["address"].Value, start.Groups["redis"].Success);
                continue;
            }

            foreach (Match request in Request().Matches(commands))
            {
                await PrintsAsync(request.Groups["put"].Success ? "PUT" : "GET", request.Groups["url"].Value, request.Groups["output"].Value);
                requests++;
            }
        }

        Assert.Equal((9, 2), (requests, _nodes.Count));
    }

    private async Task StartAsync(string address, bool usesRedis)
    {
        string[] arguments = ["--urls", "http://127.0.0.1:0", .. usesRedis ? [$"--Redis={_redis.EndPoint}"] : Array.Empty<string>(), "--Logging:LogLevel:Microsoft.AspNetCore=Warning"];
        var process = ShopProcess.StartProgram("GettingStarted", _folder.Path, arguments);
        _nodes.Add(address, (process, new Uri("http://127.0.0.1")));
        _nodes[address] = (process, await process.AddressAsync(Cancel));

        // A value of another product is served again once the node is trusted.
        var last = "";
        await Eventually.TrueAsync($"the node {address} serves cached values", async () => last == (last = await SendAsync("GET", $"{address}/prices/1")));
    }

    /// <summary>Sends a request. A read is repeated until the message of the last write has arrived on its node.</summary>
    private async Task PrintsAsync(string method, string url, string output)
    {
        var printed = await SendAsync(method, url);
        if (method == "GET" && printed != output)
            await Eventually.TrueAsync($"GET {url} prints {output}, not {printed}", async () => await SendAsync(method, url) == output);
        else
            Assert.Equal(output, printed);
    }

    /// <summary>Response to a request at an address of the page, with the addresses of the page in place of the real ones.</summary>
    private async Task<string> SendAsync(string method, string url)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Replaced(url, static node => (node.Page, node.Real)));
        using var response = await _client.SendAsync(request, Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{method} {url}: {response.StatusCode}");
        return Replaced(await response.Content.ReadAsStringAsync(Cancel), static node => (node.Real, node.Page));
    }

    private string Replaced(string text, Func<(string Page, string Real), (string Old, string New)> direction)
    {
        foreach (var (address, node) in _nodes)
        {
            var (old, replacement) = direction((address, node.Address.GetLeftPart(UriPartial.Authority)));
            text = text.Replace(old, replacement, StringComparison.Ordinal);
        }

        return text;
    }

    private async Task StopAsync()
    {
        foreach (var (process, _) in _nodes.Values)
            await process.DisposeAsync();
        _nodes.Clear();
    }

    [GeneratedRegex("```\n(?<lines>\\$ .*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Transcripts();

    [GeneratedRegex($@"^\$ dotnet run (--no-build )?-- --urls (?<address>http://localhost:\d+)(?<redis> --Redis={Server})?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Start();

    [GeneratedRegex("^\\$ curl (-X (?<put>PUT) )?'?(?<url>[^\\s']+)'?\n(?<output>.*)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Request();
}
