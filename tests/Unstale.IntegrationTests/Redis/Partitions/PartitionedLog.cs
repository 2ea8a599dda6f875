using Unstale.IntegrationTests.Redis.Cluster;
using Unstale.Log;
using Unstale.Redis;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Keys, streams and options of a log of several partitions on one server.</summary>
internal static class PartitionedLog
{
    /// <summary>Returns the options of one process over the server.</summary>
    public static Action<RedisOptions> On(RedisServer server, int partitions) => o =>
    {
        o.Configuration = server.EndPoint.ToString();
        o.Partitions = partitions;
    };

    /// <summary>Sets the options of the cache.</summary>
    public static void WithoutDependencies(UnstaleOptions options) => options.RecordDependencies = false;

    /// <summary>Sets the options of the log.</summary>
    public static void Short(InvalidationLogOptions log) => log.StalenessBound = RedisCluster.Bound;

    /// <summary>Returns a key of each partition.</summary>
    public static string[] KeyOfEach(int partitions, string prefix = "item") => [.. Enumerable.Range(0, partitions).Select(p =>
        Enumerable.Range(0, 1000).Select(i => $"{prefix}:{i}").First(key => KeyPartition.ForKey(key, partitions) == p))];

    /// <summary>Returns the number of records in the stream of each partition.</summary>
    public static async Task<long[]> LengthsAsync(this RedisServer server, int partitions)
    {
        var lengths = new long[partitions];
        for (var p = 0; p < partitions; p++)
            lengths[p] = (await server.RunAsync("XLEN", ServerFaults.BaseOf(p) + "log")).Integer;
        return lengths;
    }
}
