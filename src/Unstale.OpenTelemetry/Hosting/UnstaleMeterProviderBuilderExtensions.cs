using Unstale.Telemetry;

namespace OpenTelemetry.Metrics;

/// <summary>Extensions that collect the metrics of Unstale.</summary>
public static class UnstaleMeterProviderBuilderExtensions
{
    /// <summary>
    /// Collects the metrics of all caches, logs, sinks and channels of this process. Histograms in seconds bring their own boundaries, so no view is needed.
    /// </summary>
    /// <param name="builder">Builder of the meter provider.</param>
    /// <returns>The builder.</returns>
    public static MeterProviderBuilder AddUnstaleInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(Names.Source);
    }
}
