using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Unstale.IntegrationTests.Redis;
using Unstale.IntegrationTests.Support;
using Unstale.Queries;
using Xunit;
using global::Shop;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Metrics that the shop exposes to Prometheus.</summary>
public sealed partial class MetricsTests
{
    /// <summary>A provider measures the meters of all shops in the process, and drops instruments beyond its limit of 1,000.</summary>
    private const int MostStreams = 100_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_scrape_has_every_metric_and_label_of_the_alerts()
    {
        using var folder = new TemporaryFolder();
        await using var redis = await RedisServer.StartAsync();
        await using var app = Build(folder, redis);
        Assert.True(await app.PrepareAsync() && await app.ListenAsync());
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        await LoseEventsAsync(app.Services.GetRequiredService<IDomainEvents>());

        // The shop has no PostgreSQL, whose metrics have tests of their own.
        var wanted = Names().Matches(string.Join('\n', Expressions())).Select(static match => match.Value)
            .Where(static name => !name.StartsWith("unstale_outbox_", StringComparison.Ordinal) && !name.StartsWith("unstale_capture_", StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal).ToList();
        Assert.True(wanted.Count > 20, $"The alerts have only {wanted.Count} names.");
        var missing = wanted;
        var reads = 0;
        await Eventually.TrueAsync("a scrape has all of them", async () =>
        {
            var product = 1 + (reads++ % 11);
            await client.GetStringAsync(new Uri($"/products/production/{product}", UriKind.Relative), Cancel);
            using var write = await client.PutAsync(new Uri($"/products/production/{product}", UriKind.Relative), new StringContent("{}", null, "application/json"), Cancel);
            await redis.RunAsync("PUBLISH", "cache:invalidate", Message());
            var scrape = await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), Cancel);
            missing = [.. wanted.Where(name => !Regex.IsMatch(scrape, $@"^[^#\n]*\b{name}\b", RegexOptions.Multiline, TimeSpan.FromSeconds(1)))];
            return missing.Count == 0;
        }).ContinueWith(done => Assert.True(done.IsCompletedSuccessfully, "Missing: " + string.Join(", ", missing)), Cancel, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private static WebApplication Build(TemporaryFolder folder, RedisServer redis)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = "Shop",
            EnvironmentName = "Production",
            Args = ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:Shop", $"Data Source={folder.File("shop.db")}", "--ConnectionStrings:Redis", redis.EndPoint.ToString()],
        });
        builder.AddShop();
        builder.Services.ConfigureOpenTelemetryMeterProvider(static meters => meters.SetMaxMetricStreams(MostStreams));
        builder.Logging.ClearProviders();
        builder.Services.Configure<DomainEventOptions>("default", static options => options.QueueCapacity = 1);

        // The shop has no sink, so a sink of the test fails in place of one.
        builder.Services.AddUnstale("second", static options => options.Log = "shop").UseRedis(redis.EndPoint.ToString())
            .AddSink("failing", static (_, _) => throw new InvalidOperationException("unavailable"));
        var app = builder.Build();
        app.MapShop();
        return app;
    }

    /// <summary>Publishes more events than the queue holds while a handler is busy.</summary>
    private static async Task LoseEventsAsync(IDomainEvents events)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var busy = events.Subscribe<string>(async (_, _) => await release.Task);
        for (var published = 0; published < 8; published++)
            events.Publish("event");

        release.SetResult();
        await events.DrainAsync(Cancel);
    }

    private static string Message() =>
        $$$"""{"message_id":"{{{Guid.NewGuid()}}}","entity_type":{"Custom":"product"},"entity_id":"4","pattern":null,"entity_ids":null,"action":"Update","timestamp":"{{{TimeProvider.System.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}}}","source_service":"stock","metadata":null}""";

    /// <summary>Returns the lines of the expressions in docs/alerts.yml.</summary>
    private static IEnumerable<string> Expressions()
    {
        var isExpression = false;
        foreach (var line in File.ReadAllLines(Path.Combine(Repository.Root, "docs", "alerts.yml")))
        {
            var isProperty = Property().IsMatch(line);
            isExpression = isProperty ? line.TrimStart().StartsWith("expr:", StringComparison.Ordinal) : isExpression;
            if (isExpression)
                yield return line;
        }
    }

    [GeneratedRegex("unstale_[a-z_]+", RegexOptions.None, 1000)]
    private static partial Regex Names();

    [GeneratedRegex(@"^\s*(- )?[a-z]+:", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Property();
}
