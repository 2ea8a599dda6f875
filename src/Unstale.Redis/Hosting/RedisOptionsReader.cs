using Microsoft.Extensions.Configuration;
using Unstale.Hosting;

namespace Unstale.Redis.Hosting;

/// <summary>Reads options from a section of the configuration. An error contains the path of the setting and never its value, which may be a password.</summary>
internal static class RedisOptionsReader
{
    private static readonly Dictionary<string, Action<RedisOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(RedisOptions.Configuration)] = static (o, s, key) => o.Configuration = s.Text(key) ?? o.Configuration,
        [nameof(RedisOptions.Database)] = static (o, s, key) => o.Database = s.Number(key) ?? o.Database,
        [nameof(RedisOptions.KeyPrefix)] = static (o, s, key) => o.KeyPrefix = s.Text(key) ?? o.KeyPrefix,
        [nameof(RedisOptions.RequestTimeout)] = static (o, s, key) => o.RequestTimeout = s.Time(key) ?? o.RequestTimeout,
        [nameof(RedisOptions.SecondLevel)] = static (o, s, key) => o.SecondLevel = s.Flag(key) ?? o.SecondLevel,
        [nameof(RedisOptions.CompressionThreshold)] = static (o, s, key) => o.CompressionThreshold = s.Number(key) ?? o.CompressionThreshold,
        [nameof(RedisOptions.Partitions)] = static (o, s, key) => o.Partitions = s.Number(key) ?? o.Partitions,
        [nameof(RedisOptions.LogLength)] = static (o, s, key) => o.LogLength = s.Number(key) ?? o.LogLength,
    };

    /// <summary>Names of all settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or there is no such section.</exception>
    public static void Bind(IConfigurationSection section, RedisOptions options)
    {
        SectionReader.Bind(section, options, Settings, Errors.OptionsRefused, Errors.NoSection);
        options.MissingFrom = options.Configuration.Length == 0 ? $"configuration[\"{section.Path}:{nameof(RedisOptions.Configuration)}\"]" : null;
    }
}
