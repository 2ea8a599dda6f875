using Microsoft.Extensions.Configuration;
using Unstale.Hosting;

namespace Unstale.PostgreSql.Hosting;

/// <summary>
/// Reads options of the change capture from a section of the configuration. An error contains the path of the setting and never the connection string, which
/// may contain a password.
/// </summary>
internal static class ChangeCaptureOptionsReader
{
    private const string Tables = "Tables";
    private const string Name = "Name";
    private const string Resource = "Resource";
    private const string IgnoredColumns = "IgnoredColumns";

    private static readonly Dictionary<string, Action<ChangeCaptureOptions, SectionReader, string>> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ChangeCaptureOptions.ConnectionString)] = static (o, s, key) => o.ConnectionString = s.Text(key) ?? o.ConnectionString,
        [nameof(ChangeCaptureOptions.Slot)] = static (o, s, key) => o.Slot = s.Text(key) ?? o.Slot,
        [nameof(ChangeCaptureOptions.Publication)] = static (o, s, key) => o.Publication = s.Text(key) ?? o.Publication,
        [nameof(ChangeCaptureOptions.IsReader)] = static (o, s, key) => o.IsReader = s.Flag(key) ?? o.IsReader,
        [nameof(ChangeCaptureOptions.MaximumLag)] = static (o, s, key) => o.MaximumLag = s.Time(key) ?? o.MaximumLag,
        [nameof(ChangeCaptureOptions.Heartbeat)] = static (o, s, key) => o.Heartbeat = s.Time(key) ?? o.Heartbeat,
        [Tables] = static (o, s, key) => AddTables(o, s.List(key)),
    };

    /// <summary>Names of all settings.</summary>
    public static IReadOnlyCollection<string> Keys => Settings.Keys;

    /// <exception cref="InvalidOperationException">A setting in the section is invalid, or there is no such section.</exception>
    public static void Bind(IConfigurationSection section, ChangeCaptureOptions options) =>
        SectionReader.Bind(section, options, Settings, Errors.CaptureRefused, Errors.NoCaptureSection);

    private static void AddTables(ChangeCaptureOptions options, IReadOnlyList<SectionReader> tables)
    {
        foreach (var table in tables)
        {
            if (!string.IsNullOrEmpty(table.Value))
            {
                table.Checked(() => options.AddTable(table.Value));
                continue;
            }

            table.RequireOnly([Name, Resource, IgnoredColumns]);
            var name = table.Text(Name) ?? throw table.Refused(Name, Errors.NoTableName);
            table.Checked(() => options.AddTable(name, table.Text(Resource), table.Texts(IgnoredColumns)), Name);
        }
    }
}
