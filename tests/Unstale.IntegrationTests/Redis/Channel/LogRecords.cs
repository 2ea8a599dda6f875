using Unstale.IntegrationTests.Redis.Cluster;

namespace Unstale.IntegrationTests.Redis.Channel;

internal static class LogRecords
{
    /// <summary>Returns the targets of each record in the log, or in one partition of the log, in order.</summary>
    public static async Task<List<string>> RecordsAsync(this RedisServer server, int partition = 0)
    {
        string[] targets = ["key", "tag", "glob", "regex", "allof", "everything"];
        var entries = await server.RunAsync("XRANGE", ServerFaults.BaseOf(partition) + "log", "-", "+");
        return [.. entries.Items.Select(entry => string.Join(
            ' ', entry.Items[1].Items.Select(static field => field.Text()).Chunk(2).Where(field => targets.Contains(field[0])).Select(static field => $"{field[0]} {field[1]}")))];
    }
}
