using Microsoft.Extensions.Configuration;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Reads the options of a log from a section of the configuration. An error contains the path of the invalid setting.</summary>
internal static class LogOptionsReader
{
    private static readonly Dictionary<string, Action<InvalidationLogOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(InvalidationLogOptions.StalenessBound)] = static (o, s, key) => o.StalenessBound = s.Time(key) ?? o.StalenessBound,
        [nameof(InvalidationLogOptions.WhenUnavailable)] = static (o, s, key) => o.WhenUnavailable = s.Choice<LogUnavailableBehavior>(key) ?? o.WhenUnavailable,
        [nameof(InvalidationLogOptions.QueueCapacity)] = static (o, s, key) => o.QueueCapacity = s.Number(key) ?? o.QueueCapacity,
        [nameof(InvalidationLogOptions.AppendTimeout)] = static (o, s, key) => o.AppendTimeout = s.Time(key) ?? o.AppendTimeout,
        [nameof(InvalidationLogOptions.ShutdownTimeout)] = static (o, s, key) => o.ShutdownTimeout = s.Time(key) ?? o.ShutdownTimeout,
        [nameof(InvalidationLogOptions.FailoverGracePeriod)] = static (o, s, key) => o.FailoverGracePeriod = s.Time(key) ?? o.FailoverGracePeriod,
        [nameof(InvalidationLogOptions.RecentRecords)] = static (o, s, key) => o.RecentRecords = s.Number(key) ?? o.RecentRecords,
        [nameof(InvalidationLogOptions.ColumnHashKey)] = static (o, s, key) => o.ColumnHashKey = s.Text(key) ?? o.ColumnHashKey,
    };

    /// <summary>Names of the supported settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or the section does not exist.</exception>
    public static void Bind(IConfigurationSection section, InvalidationLogOptions options) =>
        SectionReader.Bind(section, options, Settings, Errors.LogOptionsRefused, Errors.NoOptionsSection);
}
