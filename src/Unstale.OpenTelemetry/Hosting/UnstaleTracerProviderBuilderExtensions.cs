using Unstale.Telemetry;

namespace OpenTelemetry.Trace;

/// <summary>Extensions that collect the activities of Unstale.</summary>
public static class UnstaleTracerProviderBuilderExtensions
{
    /// <summary>
    /// Collects the activities of loads (<c>unstale.load</c>) and invalidations (<c>unstale.invalidate</c>). Activities contain no keys, tags or values.
    /// </summary>
    /// <param name="builder">Builder of the tracer provider.</param>
    /// <returns>The builder.</returns>
    public static TracerProviderBuilder AddUnstaleInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(Names.Source);
    }
}
