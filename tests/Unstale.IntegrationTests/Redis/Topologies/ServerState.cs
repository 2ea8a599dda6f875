using StackExchange.Redis;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>State of a server, read from outside.</summary>
internal static class ServerState
{
    /// <summary>One field of INFO, or empty.</summary>
    public static async Task<string> InfoAsync(this RedisServer server, string section, string field)
    {
        var lines = ((string)(await server.ExecuteAsync("INFO", section))!).Split("\r\n");
        return lines.FirstOrDefault(l => l.StartsWith(field + ':', StringComparison.Ordinal))?[(field.Length + 1)..] ?? "";
    }

    /// <summary>Number of replicas that are online.</summary>
    public static async Task<int> ReplicasAsync(this RedisServer server)
    {
        var info = (string)(await server.ExecuteAsync("INFO", "replication"))!;
        return info.Split("\r\n").Count(static l => l.StartsWith("slave", StringComparison.Ordinal) && l.Contains("state=online", StringComparison.Ordinal));
    }

    /// <summary>Whether it executes a write: it is a master, has the replicas that it requires, and is not full.</summary>
    public static async Task<bool> AcceptsWritesAsync(this RedisServer server)
    {
        try
        {
            await server.ExecuteAsync("SET", "probe", "");
            return true;
        }
        catch (RedisServerException)
        {
            return false;
        }
    }
}
