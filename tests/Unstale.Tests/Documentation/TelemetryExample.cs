using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Xunit;

namespace Unstale.Tests.Documentation;

/// <summary>Code of the page about telemetry.</summary>
public sealed class TelemetryExample
{
    private readonly string _cache = Guid.NewGuid().ToString();

    [Fact]
    public async Task One_call_each_collects_the_metrics_and_the_activities()
    {
        List<Metric> metrics = [];
        List<Activity> activities = [];
        var services = new ServiceCollection();
        services.AddUnstale(_cache);
        Collect(services);
        services.ConfigureOpenTelemetryMeterProvider(builder => builder.AddInMemoryExporter(metrics));
        services.ConfigureOpenTelemetryTracerProvider(builder => builder.AddInMemoryExporter(activities));
        await using var provider = services.BuildServiceProvider();
        var collected = provider.GetRequiredService<MeterProvider>();
        provider.GetRequiredService<TracerProvider>();

        await provider.GetRequiredKeyedService<UnstaleCache>(_cache)
            .GetOrCreateAsync("k", static _ => new ValueTask<string>("v"), cancellationToken: TestContext.Current.CancellationToken);
        collected.ForceFlush();

        Assert.Contains(metrics, static metric => metric.Name == "unstale.cache.requests");
        Assert.Contains(activities, activity => activity.OperationName == "unstale.load" && _cache.Equals(activity.GetTagItem("unstale.cache.name")));
    }

    [Fact]
    public void A_missing_builder_is_refused()
    {
        Assert.Throws<ArgumentNullException>("builder", static () => default(MeterProviderBuilder)!.AddUnstaleInstrumentation());
        Assert.Throws<ArgumentNullException>("builder", static () => default(TracerProviderBuilder)!.AddUnstaleInstrumentation());
    }

    private static void Collect(IServiceCollection services) =>
        services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddUnstaleInstrumentation())
            .WithTracing(traces => traces.AddUnstaleInstrumentation());
}
