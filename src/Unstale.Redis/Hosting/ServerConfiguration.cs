using System.Globalization;

namespace Unstale.Redis.Hosting;

/// <summary>Settings reported by a server; null for settings that are not reported.</summary>
/// <param name="MaximumMemory">maxmemory in bytes; 0 for no limit.</param>
/// <param name="Eviction">maxmemory-policy.</param>
/// <param name="Persists">Whether the server writes a snapshot or an append-only file.</param>
/// <param name="Replicas">Number of attached replicas.</param>
/// <param name="ReplicasToWrite">min-replicas-to-write.</param>
internal sealed record ServerConfiguration(long? MaximumMemory, string? Eviction, bool? Persists, int? Replicas, int? ReplicasToWrite)
{
    /// <param name="setting">Value of a setting; null where CONFIG GET is denied or does not have the setting.</param>
    /// <param name="replication">Section of INFO; null where INFO is denied.</param>
    public static ServerConfiguration Parse(Func<string, string?> setting, string? replication) => new(
        long.TryParse(setting("maxmemory"), CultureInfo.InvariantCulture, out var memory) ? memory : null,
        setting("maxmemory-policy"),
        Persistence(setting("appendonly"), setting("save")),
        int.TryParse(Field(replication, "connected_slaves:"), CultureInfo.InvariantCulture, out var replicas) ? replicas : null,
        int.TryParse(setting("min-replicas-to-write"), CultureInfo.InvariantCulture, out var least) ? least : null);

    private static bool? Persistence(string? appendOnly, string? save) =>
        appendOnly == "yes" || save?.Length > 0 ? true : appendOnly is null || save is null ? null : false;

    private static string? Field(string? info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return line[name.Length..].ToString();
        }

        return null;
    }
}
