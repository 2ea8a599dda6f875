using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.AspNetCore;

/// <summary>Application code shown in docs/sinks.md and docs/operations.md.</summary>
public sealed class ExampleTests
{
    private static readonly Uri Health = new("/health", UriKind.Relative);
    private static readonly Uri Catalogue = new("/catalogue", UriKind.Relative);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_application_of_the_pages_evicts_and_says_that_it_is_healthy()
    {
        await using var server = await RedisServer.StartAsync();
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = ["--urls", "http://127.0.0.1:0"] });
        builder.Logging.ClearProviders();
        AddCaches(builder.Services, server.EndPoint.ToString());
        var made = 0;
        await using var app = builder.Build();
        Map(app, () => $"catalogue {++made}");
        await app.StartAsync(Stop);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await Eventually.TrueAsync("the log confirms the node", async () => await client.GetStringAsync(Health, Stop) == "Healthy");
        var page = "";
        await Eventually.TrueAsync("the page is kept", async () => page == (page = await client.GetStringAsync(Catalogue, Stop)));
        await app.Services.GetRequiredService<IInvalidator>().InvalidateKeyAsync("catalogue", cancellationToken: Stop);
        await Eventually.TrueAsync("the page is made anew", async () => page != await client.GetStringAsync(Catalogue, Stop));
        await server.StopAsync();
        await Eventually.TrueAsync("it is degraded without the log", async () =>
        {
            using var answer = await client.GetAsync(Health, Stop);
            return answer.StatusCode == HttpStatusCode.OK && await answer.Content.ReadAsStringAsync(Stop) == "Degraded";
        });
    }

    private static void AddCaches(IServiceCollection services, string redis)
    {
        services.AddOutputCache();
        services.AddUnstale().UseRedis(redis).AddOutputCacheSink(map => map.TagsOfKey = key => [key]);
        services.AddHealthChecks().AddUnstale(options => options.MissRatioThreshold = .8);
    }

    private static void Map(WebApplication app, Func<string> catalogue)
    {
        app.UseOutputCache();
        app.MapGet("/catalogue", catalogue).CacheOutput(policy => policy.Tag("catalogue").Expire(TimeSpan.FromHours(1)));
        app.MapHealthChecks("/health");
    }
}
