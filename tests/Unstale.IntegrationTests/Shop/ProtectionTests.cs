using System.Net;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

public abstract class ProtectionTests(PostgresServer? postgres) : ShopTest(postgres)
{
    public static TheoryData<string> Internals => ["/cache/stats/product:ttl:1", "/cache/explain/product:ttl:1", "/cart/cache/stats", "/openapi/v1.json"];

    [Theory]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/products/ttl/1")]
    [InlineData("/products/ttl/abc")]
    [InlineData("/nowhere")]
    [InlineData("/openapi/v1.json")]
    public async Task Every_response_has_the_headers_that_protect_a_browser(string path) => await HasHeadersAsync(path);

    [Fact]
    public async Task An_error_of_the_shop_has_the_headers_too()
    {
        Source.IsDown = true;
        await HasHeadersAsync("/products/ttl/1");
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:5080")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("[::2]")]
    public async Task A_host_that_is_not_of_this_machine_is_refused(string host)
    {
        foreach (var path in new[] { "/", "/health", "/products/ttl/1" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            using var response = await Client.SendAsync(request, Cancel);
            HasHeaders(response);
            var answer = await Answer.ReadAsync(response);
            Assert.Equal(
                (HttpStatusCode.BadRequest, $"The host '{host}' is not served here. The setting AllowedHosts lists the names that are."), (answer.Status, answer["detail"]));
        }
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1:5080")]
    [InlineData("[::1]:5080")]
    public async Task Names_of_this_machine_are_served(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = host } };
        using var response = await Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Internals))]
    public async Task In_production_the_endpoints_for_cache_contents_and_the_OpenAPI_document_are_not_found(string path)
    {
        Assert.Equal(HttpStatusCode.OK, (await GetAnswerAsync(path)).Status);
        await using var production = await StartAnotherAsync("Production");
        using var client = new HttpClient { BaseAddress = production.Address };
        var answer = await Answer.ReadAsync(await client.GetAsync(new Uri(path, UriKind.Relative), Cancel));
        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (answer.Status, answer.MediaType));
        Assert.Equal(HttpStatusCode.NotFound, (await Answer.ReadAsync(await client.GetAsync(new Uri("/openapi/v1.json", UriKind.Relative), Cancel))).Status);
        Assert.Contains("data-internals=\"hidden\"", await client.GetStringAsync(new Uri("/", UriKind.Relative), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_of_the_page_allows_its_own_script_and_style_and_no_frame()
    {
        using var response = await Client.GetAsync(new Uri("/", UriKind.Relative), Cancel);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
    }

    private async Task HasHeadersAsync(string path)
    {
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        HasHeaders(response);
    }

    internal static void HasHeaders(HttpResponseMessage response)
    {
        string[] names = ["X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"];
        Assert.Equal(
            ["nosniff", "DENY", "no-referrer", "same-origin", "same-origin", "no-store"],
            names.Select(name => response.Headers.TryGetValues(name, out var values) ? values.Single() : "missing"));
        Assert.Contains("frame-ancestors 'none'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Empty(response.Headers.Server);
    }
}
