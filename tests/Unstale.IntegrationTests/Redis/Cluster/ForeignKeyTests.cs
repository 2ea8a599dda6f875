using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Cluster;

/// <summary>Keys of a log overwritten by something else: with another type, or with the right type and other contents.</summary>
public sealed class ForeignKeyTests : IAsyncLifetime
{
    private static readonly string[][] Types =
    [
        ["string", "SET", "text"], ["list", "RPUSH", "item"], ["set", "SADD", "member"], ["zset", "ZADD", "1", "member"],
        ["hash", "HSET", "field", "value"], ["stream", "XADD", "*", "field", "value"],
    ];

    private RedisCluster _cluster = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private RedisServer Server => _cluster.Server;

    /// <summary>Starts two nodes with a short bound: after each new generation the nodes wait for one another for about as long.</summary>
    public async ValueTask InitializeAsync()
    {
        _cluster = await RedisCluster.StartAsync(0);
        for (var i = 0; i < 2; i++)
            _cluster.Add(log: static o => o.StalenessBound = TimeSpan.FromMilliseconds(500));
        await _cluster.TrustedAsync();
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Theory]
    [InlineData("ctl", "hash")]
    [InlineData("log", "stream")]
    [InlineData("tags:0", "hash")]
    [InlineData("tags:1", "hash")]
    [InlineData("versions:0", "hash")]
    [InlineData("versions:1", "hash")]
    public async Task A_key_of_the_history_that_has_another_type_begins_a_new_generation(string part, string own)
    {
        await WorksAsync("before");
        foreach (var type in Types.Where(type => type[0] != own))
        {
            var generation = _cluster[0].Position.Generation;
            await ReplaceAsync(part, type);
            await WorksAsync($"{part} was a {type[0]}");
            Assert.NotEqual(generation, _cluster[0].Position.Generation);
            await SaidOnceAsync($"the key {ServerFaults.Base}{part} contained a {type[0]}");
        }
    }

    [Theory]
    [InlineData("v:shop:k", "v:shop:")]
    [InlineData("l:shop:k", "l:shop:")]
    [InlineData("sweep", "sweep")]
    public async Task A_key_beside_the_history_that_has_another_type_is_replaced(string part, string shown)
    {
        await WorksAsync("before");
        foreach (var type in Types.Where(static type => type[0] != "string"))
        {
            var generation = _cluster[0].Position.Generation;
            await _cluster[0].Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop);
            await ReplaceAsync(part, type);
            await SweepsAsync($"{part} is a {type[0]}");
            Assert.Equal(_cluster.Truth.Version("k"), (await _cluster[0].ReadAsync("k", _cluster.Truth, "t")).Value);
            await WorksAsync($"{part} was a {type[0]}");
            await SweepsAsync($"{part} was a {type[0]}");
            Assert.Equal(generation, _cluster[0].Position.Generation);
            await SaidOnceAsync($"the key {ServerFaults.Base}{shown}", $"contained a {type[0]}");
        }
    }

    [Theory]
    [InlineData("HSET", "ctl", "gen", "no generation")]
    [InlineData("HSET", "ctl", "seq", "no number")]
    [InlineData("HSET", "ctl", "last", "no id")]
    [InlineData("HSET", "ctl", "floor", "no number")]
    [InlineData("HSET", "ctl", "newest_broad", "")]
    [InlineData("HSET", "ctl", "broad", "no list")]
    [InlineData("HSET", "ctl", "tags_at", "no number")]
    [InlineData("HSET", "ctl", "longest", "no number")]
    [InlineData("HSET", "ctl", "versions_at", "no number")]
    [InlineData("HDEL", "ctl", "seq")]
    [InlineData("HDEL", "ctl", "run")]
    [InlineData("HDEL", "ctl", "caches")]
    [InlineData("HDEL", "ctl", "broad", "caches")]
    [InlineData("HDEL", "ctl", "tags_from", "versions_at")]
    [InlineData("XADD", "log", "*", "field", "value")]
    [InlineData("XADD", "log", "0-18446744073709551615", "field", "value")]
    public async Task A_key_of_the_history_that_cannot_be_read_begins_a_new_generation(string command, string part, params string[] arguments)
    {
        await WorksAsync("before");
        var generation = _cluster[0].Position.Generation;
        await Server.RunAsync(command, [ServerFaults.Base + part, .. arguments]);
        await WorksAsync($"{command} {part} {string.Join(' ', arguments)}");
        await Eventually.TrueAsync("a new generation has begun", () => Task.FromResult(_cluster[0].Position.Generation != generation));
    }

    [Theory]
    [InlineData("HSET", "ctl", "node:0123456789abcdef", "no place")]
    [InlineData("HSET", "ctl", "node:stranger", "")]
    [InlineData("HSET", "tags:0", "t:t", "no number")]
    [InlineData("HSET", "tags:0", "t:other", "no number")]
    [InlineData("HSET", "versions:0", "shop:k", "no version")]
    [InlineData("HSET", "ctl", "tags", "7")]
    [InlineData("HSET", "ctl", "versions", "7")]
    [InlineData("HSET", "ctl", "unknown", "field")]
    [InlineData("DEL", "ctl")]
    [InlineData("DEL", "log")]
    [InlineData("RENAME", "ctl", "elsewhere")]
    [InlineData("PEXPIRE", "ctl", "1")]
    public async Task A_log_works_after_foreign_commands_on_its_keys(string command, string part, params string[] arguments)
    {
        await WorksAsync("before");
        await Server.RunAsync(command, [ServerFaults.Base + part, .. arguments]);
        await WorksAsync($"{command} {part} {string.Join(' ', arguments)}");
    }

    /// <summary>Replaces the key by a value of another type, in one step.</summary>
    private async Task ReplaceAsync(string part, string[] type)
    {
        const string Script = "redis.call('DEL', KEYS[1]) return redis.call(ARGV[1], KEYS[1], unpack(ARGV, 2))";
        await Server.RunAsync("EVAL", [Script, "1", ServerFaults.Base + part, .. type[1..]]);
    }

    /// <summary>Checks all functions of a log: records, loads, values of the second level, versions, waits for all nodes.</summary>
    private async Task WorksAsync(string when)
    {
        var (one, two) = (_cluster[0], _cluster[1]);
        await EventuallyAsync(when, "a record is applied on all nodes", async () =>
        {
            _cluster.Truth.Commit("k", one.Number);
            var receipt = await one.Invalidator.InvalidateAsync(keys: ["k"], tags: ["t"], cancellationToken: Stop);
            if (receipt.State != ReceiptState.Applied)
                return false;
            await receipt.WaitForAllNodesAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Stop);
            return true;
        });
        await EventuallyAsync(when, "both nodes are trusted and hold the truth", async () =>
        {
            var held = 0;
            foreach (var node in _cluster.Nodes)
                held += (await node.ReadAsync("k", _cluster.Truth, "t")).Value == _cluster.Truth.Version("k") && node.IsTrusted && node.Holds("k") ? 1 : 0;
            return held == _cluster.Nodes.Count;
        });
        await EventuallyAsync(when, "a value is shared by the second level", async () =>
        {
            await one.Invalidator.InvalidateAsync(keys: ["k"], cancellationToken: Stop);
            await one.ReadAsync("k", _cluster.Truth, "t");
            await Server.RunAsync("PING");
            return (await two.ReadAsync("k", _cluster.Truth, "t")).Outcome == CacheOutcome.Remote;
        });
        await EventuallyAsync(when, "a write with a version is taken", async () =>
            (await one.Cache.WriteThroughAsync("w", 1L, new SourceVersion(_cluster.Truth.Commit("w", 0).Version), cancellationToken: Stop)).State == ReceiptState.Applied);
    }

    private async Task SweepsAsync(string when)
    {
        await _cluster[0].Invalidator.InvalidatePatternAsync(new GlobPattern("x*"), cancellationToken: Stop);
        await EventuallyAsync(when, "a pattern is swept", async () =>
            (await Server.RunAsync("HGET", ServerFaults.Base + "ctl", "broad")) is { IsNull: false } list && list.Text().Length == 0);
    }

    private static Task EventuallyAsync(string when, string what, Func<Task<bool>> condition) => Eventually.TrueAsync($"{what} ({when})", condition);

    private Task SaidOnceAsync(params string[] parts) => Eventually.TrueAsync(
        $"one line has {string.Join(" and ", parts)}",
        () => Task.FromResult(_cluster.Nodes.Sum(n => n.Received.Lines.Count(l => Array.TrueForAll(parts, p => l.Text.Contains(p, StringComparison.Ordinal)))) == 1));
}
