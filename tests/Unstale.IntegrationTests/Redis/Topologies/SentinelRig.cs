using System.Globalization;
using StackExchange.Redis;
using Unstale.IntegrationTests.Support;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>One master, two replicas and three sentinels on loopback, all processes of the test.</summary>
internal sealed class SentinelRig : IAsyncDisposable
{
    public const string Service = "shop";
    private const int DownAfterMilliseconds = 500;
    private const int FailoverMilliseconds = 2000;

    private static readonly string[] DataArguments =
    [
        "--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1",
        "--min-replicas-to-write", "1", "--min-replicas-max-lag", "2",
    ];

    private readonly List<RedisServer> _servers = [];
    private readonly List<RedisServer> _sentinels = [];

    private SentinelRig()
    {
    }

    /// <summary>Data servers. The first is the initial master.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    public IReadOnlyList<RedisServer> Sentinels => _sentinels;

    /// <summary>Connection string of an application.</summary>
    public string Configuration =>
        string.Join(',', _sentinels.Select(static s => $"127.0.0.1:{s.Port}")) + $",serviceName={Service},abortConnect=false";

    public static async Task<SentinelRig> StartAsync()
    {
        var rig = new SentinelRig();
        try
        {
            await rig.BeginAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns the server that most running sentinels report as the master.</summary>
    public async Task<RedisServer> MasterAsync()
    {
        var reported = new List<int>();
        foreach (var sentinel in _sentinels.Where(static s => s.IsRunning))
        {
            var address = (string[])(await sentinel.ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service))!;
            reported.Add(int.Parse(address[1], CultureInfo.InvariantCulture));
        }

        var port = reported.GroupBy(static p => p).MaxBy(static g => g.Count())!.Key;
        return _servers.Single(s => s.Port == port);
    }

    /// <summary>Orders a failover as an operator does, and returns once another server is the master and accepts writes.</summary>
    public async Task<RedisServer> FailOverAsync()
    {
        var before = await MasterAsync();
        await Eventually.TrueAsync("a sentinel begins the failover", async () =>
        {
            try
            {
                await _sentinels.First(static s => s.IsRunning).ExecuteAsync("SENTINEL", "FAILOVER", Service);
                return true;
            }
            catch (RedisServerException)
            {
                // The previous failover is still in progress, or no replica is fit yet.
                return false;
            }
        });
        return await SucceededAsync(before);
    }

    /// <summary>Kills the master and returns its successor.</summary>
    public async Task<RedisServer> KillMasterAsync()
    {
        var master = await MasterAsync();
        await master.StopAsync();
        return await SucceededAsync(master);
    }

    /// <summary>Freezes the master until the sentinels have replaced it. The caller thaws the frozen server.</summary>
    public async Task<(RedisServer Frozen, RedisServer Successor)> FreezeMasterAsync()
    {
        var master = await MasterAsync();
        await master.FreezeAsync();
        return (master, await SucceededAsync(master));
    }

    /// <summary>Restarts a server, or waits for one that thawed, and returns when the server follows the current master.</summary>
    public async Task BringBackAsync(RedisServer server)
    {
        if (!server.IsRunning)
            await server.StartAgainAsync();
        await CompleteAsync();
    }

    public async Task KillSentinelsAsync(int count)
    {
        foreach (var sentinel in _sentinels.Where(static s => s.IsRunning).Take(count).ToArray())
            await sentinel.StopAsync();
    }

    public async Task StartSentinelsAsync()
    {
        foreach (var sentinel in _sentinels.Where(static s => !s.IsRunning).ToArray())
        {
            await sentinel.StartAgainAsync();
            await HastenAsync(sentinel);
        }

        await AgreeAsync();
    }

    /// <summary>Waits until the master has both replicas, and every sentinel sees them and the other sentinels.</summary>
    public async Task CompleteAsync()
    {
        await Eventually.TrueAsync("the master has two replicas", async () =>
        {
            var master = await MasterAsync();
            return master.IsRunning && await master.ReplicasAsync() == 2 && await master.AcceptsWritesAsync();
        });
        await AgreeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _sentinels.Concat(_servers))
            await server.DisposeAsync();
    }

    private async Task BeginAsync()
    {
        _servers.Add(await RedisServer.StartAsync(DataArguments));
        for (var i = 0; i < 2; i++)
            _servers.Add(await RedisServer.StartAsync([.. DataArguments, "--replicaof", "127.0.0.1", _servers[0].Port.ToString(CultureInfo.InvariantCulture)]));
        for (var i = 0; i < 3; i++)
            _sentinels.Add(await RedisServer.StartAsync(WriteSettings, "{folder}/sentinel.conf", "--sentinel"));
        foreach (var sentinel in _sentinels)
            await HastenAsync(sentinel);
        await CompleteAsync();
    }

    private void WriteSettings(string folder) => File.WriteAllText(Path.Combine(folder, "sentinel.conf"), $"""
        sentinel monitor {Service} 127.0.0.1 {_servers[0].Port} 2
        sentinel down-after-milliseconds {Service} {DownAfterMilliseconds}
        sentinel failover-timeout {Service} {FailoverMilliseconds}
        """);

    /// <summary>
    /// Shortens the periods of a sentinel. By default servers are checked every ten seconds and the own clock is distrusted for thirty, too long for
    /// a test.
    /// </summary>
    private static Task<RedisResult> HastenAsync(RedisServer sentinel) => sentinel.ExecuteAsync(
        "SENTINEL", "DEBUG", "INFO-PERIOD", "500", "PING-PERIOD", "200", "PUBLISH-PERIOD", "300", "TILT-PERIOD", "1000");

    private async Task<RedisServer> SucceededAsync(RedisServer before)
    {
        RedisServer? master = null;
        await Eventually.TrueAsync("another server is the master and accepts writes", async () =>
        {
            master = await MasterAsync();
            return master != before && master.IsRunning && await master.AcceptsWritesAsync();
        });
        return master!;
    }

    private Task AgreeAsync() => Eventually.TrueAsync("the sentinels agree on one master, two replicas and each other", async () =>
    {
        var living = _sentinels.Where(static s => s.IsRunning).ToArray();
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sentinel in living)
        {
            var address = (string[])(await sentinel.ExecuteAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Service))!;
            addresses.Add(address[1]);
            var state = (await sentinel.ExecuteAsync("SENTINEL", "MASTER", Service)).ToDictionary();
            if ((string)state["num-slaves"]! != "2" || (int)state["num-other-sentinels"] < living.Length - 1 || (string)state["flags"]! != "master")
                return false;
        }

        return addresses.Count <= 1;
    });
}
