using Microsoft.Extensions.Configuration;
using Unstale.Hosting;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Reads options of the outbox from a section of the configuration. An error contains the path of the setting.</summary>
internal static class OutboxOptionsReader
{
    private static readonly Dictionary<string, Action<OutboxOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(OutboxOptions.Schema)] = static (o, s, key) => o.Schema = s.Text(key) ?? o.Schema,
        [nameof(OutboxOptions.CreateSchema)] = static (o, s, key) => o.CreateSchema = s.Flag(key) ?? o.CreateSchema,
        [nameof(OutboxOptions.IsRelay)] = static (o, s, key) => o.IsRelay = s.Flag(key) ?? o.IsRelay,
        [nameof(OutboxOptions.PollInterval)] = static (o, s, key) => o.PollInterval = s.Time(key) ?? o.PollInterval,
        [nameof(OutboxOptions.BatchSize)] = static (o, s, key) => o.BatchSize = s.Number(key) ?? o.BatchSize,
        [nameof(OutboxOptions.Retention)] = static (o, s, key) => o.Retention = s.Time(key) ?? o.Retention,
    };

    /// <summary>Names of all settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or there is no such section.</exception>
    public static void Bind(IConfigurationSection section, OutboxOptions options) =>
        SectionReader.Bind(section, options, Settings, Errors.OutboxRefused, Errors.NoOutboxSection);
}
