using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Options of logs from the section <c>Logs</c> within the section of the default cache: one section for each log, under its name.</summary>
internal sealed class ConfiguredLogs(IConfigurationSection cache) : IConfigureNamedOptions<InvalidationLogOptions>
{
    public const string Key = "Logs";

    /// <summary>Names of the configured logs.</summary>
    public IEnumerable<string> Names => cache.GetSection(Key).GetChildren().Select(static log => log.Key);

    /// <exception cref="InvalidOperationException">A setting is invalid.</exception>
    public void Configure(string? name, InvalidationLogOptions options)
    {
        var logs = cache.GetSection(Key);
        if (!string.IsNullOrEmpty(logs.Value))
            throw Errors.LogOptionsRefused(logs.Path, Errors.NotAList);
        if (logs.GetSection(name ?? "") is var log && log.Exists())
            LogOptionsReader.Bind(log, options);
    }

    public void Configure(InvalidationLogOptions options) => Configure(Options.DefaultName, options);
}
