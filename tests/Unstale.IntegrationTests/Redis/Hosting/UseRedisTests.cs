using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Hosting;

/// <summary>Caches with a log in Redis, registered as in an application.</summary>
public sealed class UseRedisTests : IAsyncLifetime
{
    private readonly ReceivedLines _received = new();
    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _received.Dispose();
    }

    [Fact]
    public async Task A_value_invalidated_by_one_process_is_not_served_by_another()
    {
        await using var one = Build(s => Add(s, "shop"));
        await using var two = Build(s => Add(s, "shop"));
        var (writer, reader) = (Cache(one, "shop"), Cache(two, "shop"));
        await HoldsAsync(reader, "k", ["t"]);
        await KnowsLogAsync(writer);
        await writer.RemoveAsync("k", Stop);
        await Eventually.TrueAsync("the other process let go of the key", () => Task.FromResult(!reader.TryGet("k", out int _)));
        await HoldsAsync(reader, "k", ["t"]);
        await writer.RemoveByTagAsync("t", Stop);
        await Eventually.TrueAsync("the other process let go of the tag", () => Task.FromResult(!reader.TryGet("k", out int _)));
    }

    [Fact]
    public async Task A_cache_that_only_names_the_log_of_another_cache_applies_its_records()
    {
        await using var one = Build(s => Add(s, "shop"));
        await using var two = Build(s => s.AddUnstale("cart", o => o.Log = "log"), s => Add(s, "shop"));
        var (writer, cart) = (Cache(one, "shop"), Cache(two, "cart"));
        await HoldsAsync(cart, "k", []);
        await KnowsLogAsync(writer);
        await writer.RemoveAsync("k", Stop);
        await Eventually.TrueAsync("the cart let go of the key", () => Task.FromResult(!cart.TryGet("k", out int _)));
    }

    [Fact]
    public async Task Caches_with_different_key_prefixes_do_not_receive_records_of_each_other()
    {
        await using var one = Build(s => Add(s, "shop", o => o.KeyPrefix = "a"));
        await using var two = Build(s => Add(s, "shop", o => o.KeyPrefix = "b"));
        var (writer, reader) = (Cache(one, "shop"), Cache(two, "shop"));
        await HoldsAsync(reader, "k", []);
        await KnowsLogAsync(writer);
        var keys = await _server.RunAsync("KEYS", "*:ctl");
        Assert.Equal(["{a:log:0}:ctl", "{b:log:0}:ctl"], keys.Items.Select(static key => key.Text()).Order(StringComparer.Ordinal));
        await writer.RemoveAsync("k", Stop);
        Assert.True(reader.TryGet("k", out int _));
    }

    [Fact]
    public async Task Logs_on_one_server_share_their_connections()
    {
        await using var services = Build(s => Add(s, "a", log: "log a"), s => Add(s, "b", log: "log b"), s => Add(s, "c", o => o.Configuration += ",name=apart", "log c"));
        foreach (var name in new[] { "a", "b", "c" })
            await KnowsLogAsync(Cache(services, name));
        Assert.Equal((2, 2), (await ConnectionsAsync("unstale"), await ConnectionsAsync("apart")));
    }

    [Fact]
    public async Task Values_are_stored_on_the_server_unless_SecondLevel_is_disabled()
    {
        await using var one = Build(s => Add(s, "shop"), s => Add(s, "cart", o => o.SecondLevel = false));
        await using var two = Build(s => Add(s, "shop", o => o.CompressionThreshold = 0), s => Add(s, "cart", o => o.SecondLevel = false));
        foreach (var cache in new[] { "shop", "cart" })
        {
            await HoldsAsync(Cache(one, cache), "k", []);
            await KnowsLogAsync(Cache(two, cache));
        }

        var outcomes = new List<CacheOutcome>();
        foreach (var cache in new[] { "shop", "cart" })
        {
            var read = await Cache(two, cache).GetOrCreateResultAsync("k", static (_, _) => new ValueTask<int>(1), cancellationToken: Stop);
            outcomes.Add(read.Outcome);
        }

        Assert.Equal([CacheOutcome.Remote, CacheOutcome.Load], outcomes);
        var values = await _server.RunAsync("KEYS", "{unstale:log:0}:v:*");
        Assert.Equal(["{unstale:log:0}:v:shop:k", "{unstale:log:0}:v:shop:known"], values.Items.Select(static key => key.Text()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Values_matched_by_a_pattern_are_removed_from_the_server()
    {
        await using var services = Build(s => Add(s, "shop"));
        var cache = Cache(services, "shop");
        await HoldsAsync(cache, "k", []);
        await Eventually.TrueAsync("the value is on the server", async () => await ExistsAsync("{unstale:log:0}:v:shop:k"));
        await cache.Invalidator.InvalidatePatternAsync(new GlobPattern("k*"), cancellationToken: Stop);
        await Eventually.TrueAsync("it is swept", async () => !await ExistsAsync("{unstale:log:0}:v:shop:k"));
        await Eventually.TrueAsync(
            "the pattern has left the list", async () => (await _server.RunAsync("HGET", "{unstale:log:0}:ctl", "broad")).Text().Length == 0);
    }

    [Fact]
    public async Task A_log_configured_in_two_places_is_refused_in_a_sentence_that_names_both()
    {
        await using var services = Build(s => Add(s, "shop"), s => Add(s, "cart", o => o.Configuration = "rediss://me:secret@elsewhere:1/2"));
        var refused = Assert.Throws<InvalidOperationException>(() => Cache(services, "shop"));
        Assert.Equal(
            "The caches 'cart' and 'shop' use the log 'log' in different places: Redis at elsewhere:1/2 (TLS, user 'me', ClientName 'unstale', KeyPrefix 'unstale', "
            + $"LogLength 100000, Partitions 1, RequestTimeout 00:00:01), and Redis at {_server.EndPoint}/0 (no TLS, user 'default', ClientName 'unstale', "
            + "KeyPrefix 'unstale', LogLength 100000, Partitions 1, RequestTimeout 00:00:01). Configure the same place for both caches, or set another Log for one of them.",
            refused.Message);
    }

    [Fact]
    public async Task The_configuration_of_the_server_is_logged_with_the_first_link_and_again_after_a_restart()
    {
        await using var services = Build(s => Add(s, "shop"), s => Add(s, "other", log: "another log"));
        await KnowsLogAsync(Cache(services, "shop"));
        await KnowsLogAsync(Cache(services, "other"));
        const string Meaning = "Memory: no maxmemory is set, so nothing is evicted and the machine is the limit. Restart: every node is reset, "
            + "which is safe; persistence is disabled and not needed. Failover: no replica is attached, so a failover is not possible.";
        await SaysAsync(LogLevel.Information, $"Redis at {_server.EndPoint}: effect of the server's settings. {Meaning}", times: 1);
        await _server.RunAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await SaysAsync(LogLevel.Information, "connected", times: 2);
        await SaysAsync(LogLevel.Information, Meaning, times: 1);
        await _server.StopAsync();
        await _server.StartAgainAsync();
        await SaysAsync(LogLevel.Information, Meaning, times: 2);
    }

    [Fact]
    public async Task A_server_setting_that_weakens_the_guarantees_is_a_warning_and_an_unreadable_setting_is_unknown()
    {
        await _server.RunAsync("CONFIG", "SET", "maxmemory", "100mb");
        await _server.RunAsync("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        await _server.RunAsync("ACL", "SETUSER", "blind", "on", "nopass", "~*", "&*", "+@all", "-config", "-info", "+info|server");
        await using var services = Build(
            s => Add(s, "shop"),
            s => Add(s, "blind", o => o.Configuration = $"redis://blind:x@{_server.EndPoint}", "another log"));
        await KnowsLogAsync(Cache(services, "shop"));
        await SaysAsync(LogLevel.Warning, "allkeys-lru may evict the log itself", times: 1);
        _ = Cache(services, "blind");
        await SaysAsync(LogLevel.Information, "the eviction policy is unknown", times: 1);
    }

    [Fact]
    public async Task Without_a_server_the_cache_works_from_the_source()
    {
        await using var services = Build(s => Add(s, "shop", o => o.Configuration = "127.0.0.1:1"));
        var cache = Cache(services, "shop");
        for (var read = 1; read <= 2; read++)
            Assert.Equal(read, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(read), cancellationToken: Stop));
        await SaysAsync(LogLevel.Warning, "cannot be reached: Connection refused.", times: 1);
    }

    [Fact]
    public async Task A_wrong_password_is_logged_once_over_repeated_attempts()
    {
        await using var services = Build(s => Add(s, "shop", o => o.Configuration = $"redis://nobody:secret@{_server.EndPoint}"));
        var cache = Cache(services, "shop");
        Assert.Equal(1, await cache.GetOrCreateAsync("k", static _ => new ValueTask<int>(1), cancellationToken: Stop));
        await Eventually.TrueAsync("three attempts were refused", async () => await _server.RefusedUsersAsync() >= 3);
        await SaysAsync(LogLevel.Warning, "refused the user 'nobody': the user is unknown or disabled, or the password is wrong (WRONGPASS).", times: 1);
        Assert.DoesNotContain(_received.Lines, static line => line.Text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Caches_disposed_synchronously_close_their_connections_and_leave_the_list_of_nodes()
    {
        var services = Build(s => Add(s, "shop"));
        await KnowsLogAsync(Cache(services, "shop"));
        await Task.Run(services.Dispose, Stop);
        await Eventually.TrueAsync("the connections are gone", async () => await ConnectionsAsync("unstale") == 0);
        var control = await _server.RunAsync("HKEYS", "{unstale:log:0}:ctl");
        Assert.DoesNotContain(control.Items, static field => field.Text().StartsWith("node:", StringComparison.Ordinal));
    }

    private static UnstaleCache Cache(IServiceProvider services, string name) => services.GetRequiredKeyedService<UnstaleCache>(name);

    private async Task<bool> ExistsAsync(string key) => (await _server.RunAsync("EXISTS", key)).Integer == 1;

    private async Task<int> ConnectionsAsync(string name) => (await _server.RunAsync("CLIENT", "LIST")).Text().Split($" name={name} ").Length - 1;

    private static async Task KnowsLogAsync(UnstaleCache cache) => await HoldsAsync(cache, "known", []);

    /// <summary>Reads until the cache holds the value, which requires a trusted log.</summary>
    private static Task HoldsAsync(UnstaleCache cache, string key, string[] tags) => Eventually.TrueAsync($"{cache.Name} keeps what it loaded", async () =>
    {
        await cache.GetOrCreateAsync(key, static _ => new ValueTask<int>(1), tags: tags, cancellationToken: Stop);
        return cache.TryGet(key, out int _);
    });

    private Task SaysAsync(LogLevel level, string part, int times) => Eventually.TrueAsync(
        $"'{part}' was said {times} times as {level}; heard: {string.Join('\n', _received.Lines)}",
        () => Task.FromResult(_received.Lines.Count(line => line.Level == level && line.Text.Contains(part, StringComparison.Ordinal)) == times));

    private ServiceProvider Build(params Action<IServiceCollection>[] add)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_received));
        foreach (var one in add)
            one(services);
        return services.BuildServiceProvider();
    }

    private void Add(IServiceCollection services, string cache, Action<RedisOptions>? configure = null, string log = "log") =>
        services.AddUnstale(cache, o => o.Log = log).UseRedis(_server.EndPoint.ToString(), configure);
}
