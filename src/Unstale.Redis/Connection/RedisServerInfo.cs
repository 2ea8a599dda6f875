namespace Unstale.Redis.Connection;

/// <summary>State of a server when a link to the server was made.</summary>
/// <param name="Name">redis, valkey or another.</param>
/// <param name="Version">Version; null if it cannot be read.</param>
/// <param name="Mode">standalone, sentinel or cluster.</param>
/// <param name="Role">master or replica.</param>
/// <param name="RunId">Run id, which changes with every start of the server; null if INFO is denied or hides the run id.</param>
internal sealed record RedisServerInfo(string Name, Version? Version, string Mode, string Role, string? RunId)
{
    private const string Garnet = "garnet";

    /// <summary>Whether the server has streams. Garnet has none, neither as commands nor in scripts.</summary>
    public bool HasStreams => Name != Garnet;

    public static RedisServerInfo Unknown { get; } = new("unknown", null, "", "", null);

    /// <summary>Parses the section "server" of INFO.</summary>
    /// <param name="info">The section; null if INFO was denied.</param>
    /// <param name="version">Version read by the client.</param>
    /// <param name="isReplica">Role read by the client.</param>
    public static RedisServerInfo Parse(string? info, Version? version, bool isReplica) => new(
        info is null ? "unknown" : Field(info, "valkey_version:") is not null ? "valkey" : Field(info, "garnet_version:") is not null ? Garnet : "redis",
        version,
        Field(info ?? "", "redis_mode:") ?? "",
        isReplica ? "replica" : "master",
        Field(info ?? "", "run_id:"));

    private static string? Field(string info, string name)
    {
        foreach (var line in info.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
                return line[name.Length..].Trim().ToString();
        }

        return null;
    }
}
