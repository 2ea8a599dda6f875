using Microsoft.Extensions.Configuration;
using Unstale.Hosting;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Reads options from a section of the configuration. An error contains the path of the setting and never its value, which may be a password.</summary>
internal static class PostgreSqlOptionsReader
{
    private static readonly Dictionary<string, Action<PostgreSqlLogOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(PostgreSqlLogOptions.ConnectionString)] = static (o, s, key) => o.ConnectionString = s.Text(key) ?? o.ConnectionString,
        [nameof(PostgreSqlLogOptions.Schema)] = static (o, s, key) => o.Schema = s.Text(key) ?? o.Schema,
        [nameof(PostgreSqlLogOptions.CreateSchema)] = static (o, s, key) => o.CreateSchema = s.Flag(key) ?? o.CreateSchema,
        [nameof(PostgreSqlLogOptions.LogLength)] = static (o, s, key) => o.LogLength = s.Number(key) ?? o.LogLength,
        [nameof(PostgreSqlLogOptions.PollInterval)] = static (o, s, key) => o.PollInterval = s.Time(key) ?? o.PollInterval,
        [nameof(PostgreSqlLogOptions.RequestTimeout)] = static (o, s, key) => o.RequestTimeout = s.Time(key) ?? o.RequestTimeout,
    };

    /// <summary>Names of all settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or there is no such section.</exception>
    public static void Bind(IConfigurationSection section, PostgreSqlLogOptions options)
    {
        SectionReader.Bind(section, options, Settings, Errors.OptionsRefused, Errors.NoSection);
        options.MissingFrom = options.ConnectionString.Length == 0 ? $"configuration[\"{section.Path}:{nameof(PostgreSqlLogOptions.ConnectionString)}\"]" : null;
    }
}
