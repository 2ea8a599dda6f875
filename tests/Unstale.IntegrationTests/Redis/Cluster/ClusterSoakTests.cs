using System.Globalization;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Readers and writers on three nodes under a sequence of faults. Each read is judged.</summary>
public sealed class ClusterSoakTests
{
    private const int DefaultSeconds = 8;
    private static readonly int Seconds =
        int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_SOAK_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : DefaultSeconds;

    private readonly SortedDictionary<string, int> _hits = new(StringComparer.Ordinal);

    [Fact]
    public async Task No_read_is_stale_and_all_nodes_agree_after_a_sequence_of_server_faults()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("UNSTALE_SOAK_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Environment.ProcessId;
        var random = new Random(seed);
        await using var other = await RedisServer.StartAsync();
        await using var cluster = await RedisCluster.StartAsync(3, "--appendonly", "yes");
        await using var load = new Load(cluster, RedisCluster.Bound);
        var begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin).TotalSeconds < Seconds)
        {
            await Load.RunsAsync(500 + random.Next(400));
            await ServerFaults.TryAsync(() => HitAsync(cluster, other, random));
        }

        var faults = string.Join(", ", _hits.Select(static h => $"{h.Key} {h.Value}"));
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}, {Seconds} s, faults: {faults}");
        await cluster.TrustedAsync();
        await Load.RunsAsync(500);
        await load.AnsweredFromAsync(CacheOutcome.Memory, CacheOutcome.Remote, CacheOutcome.Load);
        await load.EndAsync();
    }

    private Task HitAsync(RedisCluster cluster, RedisServer other, Random random)
    {
        var server = cluster.Server;
        (string Name, Func<Task> Hit)[] faults =
        [
            ("kill a subscription", () => server.KillOneAsync(subscribing: true, random)),
            ("kill a connection", () => server.KillOneAsync(subscribing: false, random)),
            ("cut a node off", () => CutAsync(cluster, random)),
            ("restart", () => RestartAsync(server, random)),
            ("freeze", () => FreezeAsync(server, random)),
            ("trim the log", server.TrimAsync),
            ("delete the log", () => server.DeleteAsync("log")),
            ("delete tags", () => server.DeleteAllAsync("tags:*")),
            ("delete values", () => server.DeleteAllAsync("v:*")),
            ("delete leases", () => server.DeleteAllAsync("l:*")),
            ("delete the control hash", () => server.DeleteAsync("ctl")),
            ("flush", () => server.RunAsync("FLUSHALL")),
            ("forget scripts", () => server.RunAsync("SCRIPT", "FLUSH")),
            ("fill memory", () => FullAsync(server, random)),
            ("become a replica", () => ReplicaAsync(server, other, random)),
        ];
        var (name, hit) = faults[random.Next(faults.Length)];
        _hits[name] = _hits.GetValueOrDefault(name) + 1;
        return hit();
    }

    private static async Task CutAsync(RedisCluster cluster, Random random)
    {
        var relay = cluster.Relay(cluster[random.Next(3)]);
        relay.Cut();
        await Load.RunsAsync(random.Next(3000));
        relay.LeadTo(cluster.Server.Port);
    }

    private static async Task RestartAsync(RedisServer server, Random random)
    {
        await server.StopAsync();
        await Load.RunsAsync(random.Next(600));
        await server.StartAgainAsync();
    }

    private static async Task FreezeAsync(RedisServer server, Random random)
    {
        await server.FreezeAsync();
        try
        {
            await Load.RunsAsync(random.Next(1500));
        }
        finally
        {
            await server.ThawAsync();
        }
    }

    private static async Task FullAsync(RedisServer server, Random random)
    {
        await server.ConfigureAsync("maxmemory", "1");
        await Load.RunsAsync(random.Next(500));
        await server.ConfigureAsync("maxmemory", "0");
    }

    private static async Task ReplicaAsync(RedisServer server, RedisServer other, Random random)
    {
        await server.RunAsync("REPLICAOF", "127.0.0.1", other.Port.ToString());
        await Load.RunsAsync(random.Next(500));
        await server.RunAsync("REPLICAOF", "NO", "ONE");
    }
}
