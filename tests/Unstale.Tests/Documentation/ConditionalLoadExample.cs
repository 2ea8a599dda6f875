using System.Net;
using System.Net.Http.Headers;
using Unstale.Tests.Support;
using Xunit;

namespace Unstale.Tests.Documentation;

public sealed class ConditionalLoadExample : IDisposable
{
    private readonly Pages _pages = new();
    private readonly HttpClient _source;

    public ConditionalLoadExample() => _source = new HttpClient(_pages) { BaseAddress = new Uri("http://pages.test/") };

    public void Dispose()
    {
        _source.Dispose();
        _pages.Dispose();
    }

    [Fact]
    public async Task A_page_that_has_not_changed_is_not_sent_again()
    {
        await using var test = new CacheUnderTest();
        Assert.Equal("one", (await PageAsync(test.Cache, "home")).Text);
        test.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("one", (await PageAsync(test.Cache, "home")).Text);
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.NotModified], _pages.Responses);

        _pages.Text = "two";
        test.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal("two", (await PageAsync(test.Cache, "home")).Text);
    }

    private ValueTask<Page> PageAsync(UnstaleCache cache, string path) => cache.GetOrCreateAsync(
        $"page:{path}",
        async (context, stop) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (context.TryGetPrevious<Page>(out var previous))
                request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(previous.ETag));
            using var response = await _source.SendAsync(request, stop);
            return response.StatusCode == HttpStatusCode.NotModified
                ? context.NotModified<Page>()
                : new Page(await response.Content.ReadAsStringAsync(stop), response.Headers.ETag!.Tag);
        },
        new UnstaleEntryOptions
        {
            Expiration = TimeSpan.FromMinutes(5),
            FailSafeFor = TimeSpan.FromHours(2), // keep the value for the comparison after its expiration
        });

    private sealed record Page(string Text, string ETag);

    /// <summary>A source that compares entity tags.</summary>
    private sealed class Pages : HttpMessageHandler
    {
        public string Text { get; set; } = "one";

        public List<HttpStatusCode> Responses { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var tag = new EntityTagHeaderValue($"\"{Text}\"");
            var response = request.Headers.IfNoneMatch.Contains(tag)
                ? new HttpResponseMessage(HttpStatusCode.NotModified)
                : new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Text) };
            response.Headers.ETag = tag;
            Responses.Add(response.StatusCode);
            return Task.FromResult(response);
        }
    }
}
