using StackExchange.Redis;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>State of a server, read from outside.</summary>
internal static class ServerState
{
    /// <summary>Returns one field of INFO, or an empty string.</summary>
    public static async Task<string> InfoAsync(this RedisServer server, string section, string field)
    {
        var lines = ((string)(await server.ExecuteAsync("INFO", section))!).Split("\r\n");
        return lines.FirstOrDefault(l => l.StartsWith(field + ':', StringComparison.Ordinal))?[(field.Length + 1)..] ?? "";
    }

    /// <summary>Returns the number of online replicas.</summary>
    public static async Task<int> ReplicasAsync(this RedisServer server)
    {
        var info = (string)(await server.ExecuteAsync("INFO", "replication"))!;
        return info.Split("\r\n").Count(static l => l.StartsWith("slave", StringComparison.Ordinal) && l.Contains("state=online", StringComparison.Ordinal));
    }

    /// <summary>Returns whether the server executes a write: it is a master, has the replicas it requires, and is not full.</summary>
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
