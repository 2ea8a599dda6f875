using System.Collections.Concurrent;
using System.Net;
using Microsoft.Playwright;
using Unstale.IntegrationTests.Support;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Page of the API at /docs, in a browser.</summary>
public sealed class ApiPageTests(Browser browser) : ShopTest(null), IClassFixture<Browser>
{
    [Fact]
    public async Task The_page_shows_the_endpoints_and_sends_no_request_to_another_host()
    {
        var requests = new ConcurrentQueue<string>();
        var complaints = new ConcurrentQueue<string>();
        var page = await browser.OpenAsync(Client.BaseAddress!);
        page.Request += (_, request) => requests.Enqueue(request.Url);
        page.PageError += (_, error) => complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Enqueue(message.Text);
        };
        await page.GotoAsync("/docs");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "get /products/ttl/{id}" })).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);

        Assert.Contains(requests, static url => url.EndsWith("/docs/scalar.js", StringComparison.Ordinal));
        Assert.Contains(requests, static url => url.EndsWith("/openapi/v1.json", StringComparison.Ordinal));
        Assert.All(requests, url => Assert.StartsWith(Client.BaseAddress!.ToString(), url, StringComparison.Ordinal));
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task The_policy_of_the_page_permits_no_other_host()
    {
        using var first = await Client.GetAsync(new Uri("/docs/", UriKind.Relative), Cancel);
        using var second = await Client.GetAsync(new Uri("/docs/", UriKind.Relative), Cancel);
        var policy = Policy(first);
        Assert.DoesNotContain("http", policy, StringComparison.Ordinal);
        Assert.DoesNotContain('*', policy);
        Assert.Contains("script-src 'self' 'nonce-", policy, StringComparison.Ordinal);
        Assert.NotEqual(policy, Policy(second));
    }

    [Fact]
    public async Task Outside_of_development_there_is_no_page()
    {
        await using var production = await StartAnotherAsync("Production");
        using var client = new HttpClient { BaseAddress = production.Address };
        using var answer = await client.GetAsync(new Uri("/docs/", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static string Policy(HttpResponseMessage response) => response.Headers.GetValues("Content-Security-Policy").Single();
}
