using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Shop.Http;

/// <summary>Export of the metrics and traces of the caches: to Prometheus on request, and over OTLP if an address is set.</summary>
internal static class Telemetry
{
    /// <summary>Address that Prometheus scrapes.</summary>
    public const string MetricsPath = "/metrics";

    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        // The exporter reads the address, the protocol and the headers from the variables of OpenTelemetry.
        var sendsOtlp = !string.IsNullOrEmpty(builder.Configuration[OtlpEndpoint]);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(static resource => resource.AddService("shop")).WithMetrics(metrics =>
        {
            metrics.AddUnstaleInstrumentation().AddPrometheusExporter();
            if (sendsOtlp)
                metrics.AddOtlpExporter();
        });
        if (sendsOtlp)
        {
            // With the source of the requests: a span under an unrecorded request would not be recorded either.
            telemetry.WithTracing(static traces => traces.AddSource("Microsoft.AspNetCore").AddUnstaleInstrumentation().AddOtlpExporter());
        }
    }
}
