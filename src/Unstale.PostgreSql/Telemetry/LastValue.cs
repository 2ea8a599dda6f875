using System.Diagnostics.Metrics;

namespace Unstale.PostgreSql.Telemetry;

/// <summary>Newest value of a gauge. An unknown value is not measured.</summary>
/// <param name="tag">Tag of the measurements.</param>
internal sealed class LastValue(KeyValuePair<string, object?> tag)
{
    private const long Unknown = -1;

    private long _value = Unknown;

    /// <summary>Sets the value, from 0; null for unknown.</summary>
    public void Set(long? value) => Volatile.Write(ref _value, value ?? Unknown);

    public Measurement<long>[] Measure() => Measure(static value => value);

    public Measurement<T>[] Measure<T>(Func<long, T> convert)
        where T : struct => Volatile.Read(ref _value) is >= 0 and var value ? [new(convert(value), tag)] : [];
}
