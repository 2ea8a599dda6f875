using System.Globalization;
using StackExchange.Redis;
using Unstale.IntegrationTests.Support;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Redis Cluster on loopback: three masters that share the slots, and one replica each.</summary>
internal sealed class ClusterRig : IAsyncDisposable
{
    private const int Masters = 3;
    private const int Slots = 16384;
    private const int MovedAtOnce = 100;

    /// <summary>Time after which a node counts as failed, in milliseconds.</summary>
    private const string NodeTimeout = "1000";

    private readonly List<RedisServer> _servers = [];
    private readonly Dictionary<RedisServer, string> _ids = [];

    private ClusterRig()
    {
    }

    /// <summary>Initial masters, then the replica of each, in the same order.</summary>
    public IReadOnlyList<RedisServer> Servers => _servers;

    /// <summary>Connection string of an application.</summary>
    public string Configuration => string.Join(',', _servers.Select(static s => $"127.0.0.1:{s.Port}")) + ",abortConnect=false";

    public static async Task<ClusterRig> StartAsync()
    {
        var rig = new ClusterRig();
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

    /// <summary>Returns the master that serves the slot of a key.</summary>
    public async Task<RedisServer> OwnerAsync(string key)
    {
        var slot = await SlotAsync(key);
        RedisServer? owner = null;
        await Eventually.TrueAsync($"a living master owns slot {slot}", async () => (owner = await FindOwnerAsync(slot)) is not null);
        return owner!;
    }

    /// <summary>Moves the slot of a key with all its keys to another master, as an operator does, while clients use the slot.</summary>
    /// <param name="key">Key of the slot.</param>
    /// <param name="rest">
    /// Milliseconds between single keys, during which the slot is in two places. Default: zero (a hundred keys move at once).
    /// </param>
    public async Task MigrateAsync(string key, int rest = 0)
    {
        var slot = (await SlotAsync(key)).ToString(CultureInfo.InvariantCulture);
        var source = await OwnerAsync(key);
        var target = (await MastersAsync()).First(m => m != source);
        await target.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", _ids[source]);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", _ids[target]);
        while (await MoveKeysAsync(source, target, slot, rest == 0 ? MovedAtOnce : 1))
            await Task.Delay(TimeSpan.FromMilliseconds(rest), TimeProvider.System);
        await target.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", _ids[target]);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", _ids[target]);
        foreach (var master in (await MastersAsync()).Where(m => m != source && m != target))
            await master.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", _ids[target]);
        await CompleteAsync();
    }

    /// <summary>
    /// Makes the replica of a key's shard the master, as an operator orders: without a loss, or immediately and regardless of missing data.
    /// </summary>
    public async Task FailOverAsync(string key, bool atOnce = false)
    {
        var before = await OwnerAsync(key);
        var replica = await ReplicaOfAsync(before);
        await replica.ExecuteAsync(["CLUSTER", "FAILOVER", .. atOnce ? ["TAKEOVER"] : Array.Empty<string>()]);
        await Eventually.TrueAsync("the replica serves the slot", async () => await OwnerAsync(key) == replica);
    }

    /// <summary>Kills the master of a key's shard, and returns it once its replica serves the slot.</summary>
    public async Task<RedisServer> KillMasterAsync(string key)
    {
        var master = await OwnerAsync(key);
        await master.StopAsync();
        await Eventually.TrueAsync("its replica serves the slot", async () => await OwnerAsync(key) != master);
        return master;
    }

    /// <summary>Kills the master and the replica of a key's shard: no server serves the slot until both are back.</summary>
    public async Task<IReadOnlyList<RedisServer>> KillShardAsync(string key)
    {
        var master = await OwnerAsync(key);
        var replica = await ReplicaOfAsync(master);
        await replica.StopAsync();
        await master.StopAsync();
        return [master, replica];
    }

    /// <summary>Freezes the master of a key's shard until its replica serves the slot. The caller thaws the master.</summary>
    public async Task<RedisServer> FreezeMasterAsync(string key)
    {
        var master = await OwnerAsync(key);
        await master.FreezeAsync();
        var slot = await SlotAsync(key, asked: _servers.First(s => s != master));
        await Eventually.TrueAsync("its replica serves the slot", async () => await FindOwnerAsync(slot, except: master) is not null);
        return master;
    }

    public async Task BringBackAsync(params IEnumerable<RedisServer> servers)
    {
        foreach (var server in servers.Where(static s => !s.IsRunning))
            await server.StartAgainAsync();
        await CompleteAsync();
    }

    /// <summary>Waits until all servers run and agree on the owners of the slots, and each master has its replica.</summary>
    public Task CompleteAsync() => Eventually.TrueAsync("the cluster is whole and every node agrees", async () =>
    {
        var views = new HashSet<string>(StringComparer.Ordinal);
        foreach (var server in _servers)
        {
            if (((string)(await server.ExecuteAsync("CLUSTER", "INFO"))!).Contains("cluster_state:fail", StringComparison.Ordinal))
                return false;
            var nodes = await NodesAsync(server);
            if (nodes.Count != _servers.Count || nodes.Any(static n => n.Flags.Contains("fail", StringComparison.Ordinal) || n.Flags.Contains("handshake", StringComparison.Ordinal)))
                return false;
            views.Add(string.Join('\n', nodes.Where(static n => n.Slots.Length > 0).Select(static n => $"{n.Id} {n.Slots}").Order(StringComparer.Ordinal)));
        }

        if (views.Count != 1)
            return false;
        foreach (var master in await MastersAsync())
        {
            if (await master.ReplicasAsync() == 0)
                return false;
        }

        return true;
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private async Task BeginAsync()
    {
        for (var i = 0; i < 2 * Masters; i++)
        {
            _servers.Add(await RedisServer.StartAsync(
                "--cluster-enabled", "yes", "--cluster-port", "{bus}", "--cluster-node-timeout", NodeTimeout, "--cluster-config-file", "nodes.conf",
                "--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no", "--enable-debug-command", "yes", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"));
            _ids[_servers[i]] = (string)(await _servers[i].ExecuteAsync("CLUSTER", "MYID"))!;
            await _servers[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", Text(i + 1));
        }

        for (var i = 0; i < Masters; i++)
            await _servers[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", Text(i * Slots / Masters), Text(((i + 1) * Slots / Masters) - 1));
        foreach (var server in _servers.Skip(1))
            await _servers[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Text(server.Port), Text(server.BusPort));
        for (var i = Masters; i < _servers.Count; i++)
            await FollowAsync(_servers[i], _servers[i - Masters]);
        await CompleteAsync();
    }

    private Task FollowAsync(RedisServer replica, RedisServer master) => Eventually.TrueAsync("a replica follows", async () =>
    {
        try
        {
            await replica.ExecuteAsync("CLUSTER", "REPLICATE", _ids[master]);
            return true;
        }
        catch (RedisServerException)
        {
            // The replica has not met its master yet.
            return false;
        }
    });

    private async Task<bool> MoveKeysAsync(RedisServer source, RedisServer target, string slot, int count)
    {
        var keys = (string[])(await source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, Text(count)))!;
        if (keys.Length > 0)
            await source.ExecuteAsync(["MIGRATE", "127.0.0.1", Text(target.Port), "", "0", "5000", "KEYS", .. keys]);
        return keys.Length > 0;
    }

    private async Task<RedisServer> ReplicaOfAsync(RedisServer master)
    {
        RedisServer? replica = null;
        await Eventually.TrueAsync("the shard has a replica", async () =>
        {
            var nodes = await NodesAsync(master);
            replica = _servers.SingleOrDefault(s => nodes.Any(n => n.Id == _ids[s] && n.Master == _ids[master]));
            return replica is not null;
        });
        return replica!;
    }

    /// <summary>Returns the masters reported by a running server.</summary>
    private async Task<IReadOnlyList<RedisServer>> MastersAsync()
    {
        var nodes = await NodesAsync(_servers.First(static s => s.IsRunning));
        return [.. nodes.Where(static n => n.Slots.Length > 0).Select(n => _servers.Single(s => _ids[s] == n.Id))];
    }

    private async Task<int> SlotAsync(string key, RedisServer? asked = null) =>
        (int)await (asked ?? _servers.First(static s => s.IsRunning)).ExecuteAsync("CLUSTER", "KEYSLOT", key);

    /// <summary>Returns the server that serves the slot according to itself.</summary>
    private async Task<RedisServer?> FindOwnerAsync(int slot, RedisServer? except = null)
    {
        foreach (var server in _servers.Where(s => s.IsRunning && s != except))
        {
            var self = (await NodesAsync(server)).Single(n => n.Id == _ids[server]);
            if (self.Flags.Contains("master", StringComparison.Ordinal) && Covers(self.Slots, slot))
                return server;
        }

        return null;
    }

    private static bool Covers(string slots, int slot) => slots.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Where(static s => !s.StartsWith('['))
        .Select(static s => s.Split('-').Select(static n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray())
        .Any(r => slot >= r[0] && slot <= r[^1]);

    private static async Task<IReadOnlyList<ClusterNode>> NodesAsync(RedisServer server)
    {
        var lines = ((string)(await server.ExecuteAsync("CLUSTER", "NODES"))!).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(static l => l.Split(' ')).Select(static p => new ClusterNode(p[0], p[2], p[3], string.Join(' ', p.Skip(8))))];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Line of CLUSTER NODES.</summary>
    private sealed record ClusterNode(string Id, string Flags, string Master, string Slots);
}
