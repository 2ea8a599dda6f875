using System.Globalization;
using Unstale.Redis.Connection;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Faults caused on a server from outside.</summary>
internal static class ServerFaults
{
    public const string Base = "{unstale:log:0}:";

    /// <summary>Returns the prefix of all names of a partition.</summary>
    public static string BaseOf(int partition) => string.Create(CultureInfo.InvariantCulture, $"{{unstale:log:{partition}}}:");

    /// <summary>Returns the ids of the nodes' connections on the server: the subscribing ones, or the others.</summary>
    public static async Task<IReadOnlyList<string>> ConnectionsAsync(this RedisServer server, bool subscribing)
    {
        var lines = (await server.RunAsync("CLIENT", "LIST")).Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines
            .Select(static l => l.Split(' ').Select(static p => p.Split('=', 2)).Where(static p => p.Length == 2).ToDictionary(static p => p[0], static p => p[1], StringComparer.Ordinal))
            .Where(c => c["name"].StartsWith("node", StringComparison.Ordinal) && (c["sub"] != "0") == subscribing)
            .Select(static c => c["id"])];
    }

    public static async Task KillOneAsync(this RedisServer server, bool subscribing, Random random)
    {
        var ids = await server.ConnectionsAsync(subscribing);
        if (ids.Count > 0)
            await server.RunAsync("CLIENT", "KILL", "ID", ids[random.Next(ids.Count)]);
    }

    /// <summary>Deletes a key of the log, given the last part of its name.</summary>
    public static Task DeleteAsync(this RedisServer server, string part) => server.RunAsync("DEL", Base + part);

    /// <summary>Deletes all matching keys, as eviction would.</summary>
    public static async Task DeleteAllAsync(this RedisServer server, string parts)
    {
        var keys = (await server.RunAsync("KEYS", Base + parts)).Items.Select(static k => k.Text()).ToArray();
        if (keys.Length > 0)
            await server.RunAsync("UNLINK", keys);
    }

    public static Task TrimAsync(this RedisServer server) => server.RunAsync("XTRIM", Base + "log", "MAXLEN", "0");

    public static Task ConfigureAsync(this RedisServer server, string setting, string value) => server.RunAsync("CONFIG", "SET", setting, value);

    public static async Task<long> UsedMemoryAsync(this RedisServer server)
    {
        var info = (await server.RunAsync("INFO", "memory")).Text();
        var line = info.Split('\n').Single(static l => l.StartsWith("used_memory:", StringComparison.Ordinal));
        return long.Parse(line["used_memory:".Length..].Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Runs a random fault and ignores the errors with which the server refuses it at the moment.</summary>
    public static async Task TryAsync(Func<Task> fault)
    {
        try
        {
            await fault();
        }
        catch (CallException)
        {
            // The server is restarting, full or frozen.
        }
    }
}
