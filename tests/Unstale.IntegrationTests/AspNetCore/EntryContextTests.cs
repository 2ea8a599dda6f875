using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>
/// Entry context of version 11 of the caching abstractions in an ASP.NET Core 10 application, whose shared framework ships version 10.
/// </summary>
public sealed class EntryContextTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_endpoint_that_loads_with_HybridCache_s_context_never_gets_a_value_read_before_an_invalidation()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        builder.Services.AddUnstale();
        await using var app = builder.Build();
        var price = 1;
        var hasRead = new TaskCompletionSource();
        var mayEnd = new TaskCompletionSource();
        app.MapGet("/price", async (HybridCache cache, CancellationToken token) => await cache.GetOrCreateAsync(
            "price:4",
            async (HybridCacheEntryContext context, CancellationToken _) =>
            {
                var read = price;
                context.Expiration = TimeSpan.FromMinutes(1);
                hasRead.TrySetResult();
                await mayEnd.Task;
                return read;
            },
            tags: ["product:4"],
            cancellationToken: token));
        await app.StartAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        var slow = client.GetStringAsync(new Uri("/price", UriKind.Relative), Stop);
        await hasRead.Task;
        price = 2;
        await app.Services.GetRequiredService<IInvalidator>().ChangedAsync("product", 4, cancellationToken: Stop);
        mayEnd.SetResult();
        Assert.Equal("1", await slow);
        Assert.Equal("2", await client.GetStringAsync(new Uri("/price", UriKind.Relative), Stop));
        Assert.InRange(app.Services.GetRequiredService<UnstaleCache>().Inspect("price:4")!.ExpiresIn, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal(11, typeof(HybridCache).Assembly.GetName().Version!.Major);
    }
}
