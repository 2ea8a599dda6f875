using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Shop;

/// <summary>Export of the shop over OTLP, as a process that an operator has started.</summary>
public sealed class OtlpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_an_address_the_shop_sends_metrics_and_traces_of_the_caches()
    {
        using var folder = new TemporaryFolder();
        var received = new ConcurrentQueue<(string Path, string? Type, byte[] Body)>();
        await using var collector = await StartCollectorAsync(received);
        await using var shop = ShopProcess.Start(
            folder.Path,
            "--urls", "http://127.0.0.1:0",
            $"--OTEL_EXPORTER_OTLP_ENDPOINT={collector.Urls.Single()}",
            "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
            "--OTEL_METRIC_EXPORT_INTERVAL=200",
            "--OTEL_BSP_SCHEDULE_DELAY=200");
        using var client = new HttpClient { BaseAddress = await shop.AddressAsync(Cancel) };
        await client.GetStringAsync(new Uri("/products/ttl/1", UriKind.Relative), Cancel);

        await Eventually.TrueAsync("the metrics arrive", () => Task.FromResult(Has("/v1/metrics", "unstale.cache.requests")));
        await Eventually.TrueAsync("the traces arrive", () => Task.FromResult(Has("/v1/traces", "unstale.load")));
        Assert.All(received, static one => Assert.Equal("application/x-protobuf", one.Type));
        Assert.All(received, static one => Assert.Equal(0x0A, one.Body[0])); // field 1, a message: the resource's metrics or spans

        // Protocol buffers contain texts as UTF-8.
        bool Has(string path, string text) => received.Any(one =>
            one.Path == path && one.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) > 0 && one.Body.AsSpan().IndexOf("shop"u8) > 0);
    }

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentQueue<(string Path, string? Type, byte[] Body)> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Run(async http =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body, Cancel);
            received.Enqueue((http.Request.Path, http.Request.ContentType, body.ToArray()));
            http.Response.ContentType = "application/x-protobuf";
        });
        await app.StartAsync(Cancel);
        return app;
    }
}
