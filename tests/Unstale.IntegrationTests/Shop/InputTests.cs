using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Unstale.IntegrationTests.PostgreSql;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Inputs that no well-meaning client sends. Each is refused with an explanation, and none is an error of the shop.</summary>
public abstract class InputTests(PostgresServer? postgres) : ShopTest(postgres)
{
    private const string NotUtf8 = "The address has a percent sign that does not begin an escaped character of UTF-8.";
    private const string NotPlainJson = "The body has to be JSON in UTF-8, not compressed, sent with Content-Type: application/json.";

    public static TheoryData<string, string, string> LongTexts => new()
    {
        { "/products/writethrough/1", Json("name", 201), "The name has 201 characters; it can have 200." },
        { "/products/events/1", Json("name", 201), "The name has 201 characters; it can have 200." },
        { "/products/production/1", Json("description", 4001), "The description has 4001 characters; it can have 4000." },
        { "/categories/1", Json("name", 201), "The name has 201 characters; it can have 200." },
    };

    [Theory]
    [InlineData("stats")]
    [InlineData("explain")]
    public async Task A_key_above_the_limit_of_the_cache_is_refused_with_the_limit(string endpoint)
    {
        Assert.Equal(HttpStatusCode.OK, (await GetAnswerAsync($"/cache/{endpoint}/{new string('k', 1024)}")).Status);
        IsBad(await GetAnswerAsync($"/cache/{endpoint}/{new string('k', 1025)}"), "The key has 1025 characters; it can have 1024.");
    }

    [Theory]
    [InlineData("/cache/stats/%ED%A0%80")]
    [InlineData("/cache/explain/%FF")]
    [InlineData("/cache/stats/a%2")]
    [InlineData("/cache/stats/a%zz")]
    [InlineData("/orders?customer=%ED%A0%80")]
    [InlineData("/orders?customer=%C3")]
    [InlineData("/products/ttl/%FF")]
    public async Task An_address_that_is_not_UTF8_is_refused(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Client.BaseAddress + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        IsBad(await Answer.ReadAsync(await Client.SendAsync(request, Cancel)), NotUtf8);
    }

    [Fact]
    public async Task A_customer_that_the_address_names_twice_is_refused() =>
        IsBad(await GetAnswerAsync("/orders?customer=Ann&customer=Bob"), "The customer is in the address more than once.");

    [Theory]
    [MemberData(nameof(LongTexts))]
    public async Task A_text_above_its_limit_is_refused_with_the_limit(string path, string body, string detail) =>
        IsBad(await PutTextAsync(path, body), detail);

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    public async Task Half_of_a_surrogate_pair_is_refused(string name) =>
        IsBad(
            await PutTextAsync("/products/events/1", $$"""{"name":{{name}}}"""), "The value at $.name in the body has the wrong type, is out of range, or is not JSON.");

    [Fact]
    public async Task Nested_JSON_is_refused() =>
        IsBad(
            await PutTextAsync("/products/events/1", $$"""{"x":{{new string('[', 2000)}}{{new string(']', 2000)}}}"""),
            "The value at $.x in the body has the wrong type, is out of range, or is not JSON.");

    [Theory]
    [InlineData("PUT", "/products/writethrough/1")]
    [InlineData("PUT", "/products/events/1")]
    [InlineData("PUT", "/products/production/1")]
    [InlineData("PUT", "/categories/1")]
    [InlineData("POST", "/orders")]
    public async Task A_body_above_64_KB_is_refused(string method, string path)
    {
        foreach (var chunked in new[] { false, true })
        {
            using var content = new StringContent(Json("name", 66_000), Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = content };
            (request.Headers.ExpectContinue, request.Headers.TransferEncodingChunked) = (true, chunked);
            var answer = await Answer.ReadAsync(await Client.SendAsync(request, Cancel));
            Assert.Equal(
                (HttpStatusCode.RequestEntityTooLarge, "application/problem+json", "The body is too large; it can have 65536 bytes."),
                (answer.Status, answer.MediaType, answer["detail"]));
        }
    }

    [Theory]
    [InlineData("application/json; charset=foo", null)]
    [InlineData("application/json; charset=utf-7", null)]
    [InlineData("application/json; charset=utf-16", null)]
    [InlineData("application/json", "gzip")]
    [InlineData("text/plain", null)]
    public async Task A_body_in_another_encoding_is_an_unsupported_media_type(string type, string? encoding)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Put, "/products/events/1"), (HttpMethod.Put, "/categories/1"), (HttpMethod.Post, "/orders") })
        {
            using var content = new ByteArrayContent("""{"price":1}"""u8.ToArray());
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
            if (encoding is not null)
                content.Headers.ContentEncoding.Add(encoding);
            var answer = await SendAsync(method, path, content);
            Assert.Equal((HttpStatusCode.UnsupportedMediaType, NotPlainJson), (answer.Status, answer["detail"]));
        }
    }

    [Theory]
    [InlineData("text/html", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("text/html", "/products/ttl/abc", HttpStatusCode.BadRequest)]
    [InlineData("image/png", "/products/ttl/99", HttpStatusCode.NotFound)]
    public async Task A_problem_is_written_whatever_the_client_accepts(string accept, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", accept } } };
        var answer = await Answer.ReadAsync(await Client.SendAsync(request, Cancel));
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.MediaType));
    }

    private static string Json(string field, int length) => $$"""{"{{field}}":"{{new string('a', length)}}"}""";

    private static void IsBad(Answer answer, string detail)
    {
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json", detail), (answer.Status, answer.MediaType, answer["detail"]));
    }
}
