using StackExchange.Redis;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Rigs of the topologies alone, driven with the client that applications use: each method moves real data.</summary>
public sealed class TopologyRigTests
{
    private const string Key = "{shop}:count";

    [Fact]
    public async Task Every_verb_of_the_sentinel_rig_moves_the_master_and_a_client_follows()
    {
        await using var rig = await SentinelRig.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(rig.Configuration);
        await WritesAsync(client, 1);
        var first = await rig.MasterAsync();

        var second = await rig.FailOverAsync();
        Assert.NotSame(first, second);
        await rig.CompleteAsync();
        await WritesAsync(client, 2);

        var third = await rig.KillMasterAsync();
        Assert.NotSame(second, third);
        await rig.BringBackAsync(second);
        await WritesAsync(client, 3);

        await rig.KillSentinelsAsync(2);
        await WritesAsync(client, 4);
        await rig.StartSentinelsAsync();

        var (frozen, fourth) = await rig.FreezeMasterAsync();
        Assert.Same(third, frozen);
        await frozen.ThawAsync();
        await rig.BringBackAsync(frozen);
        await WritesAsync(client, 5);
        Assert.Same(fourth, await rig.MasterAsync());
        Assert.Equal("5", (string?)await fourth.ExecuteAsync("GET", Key));
    }

    [Fact]
    public async Task Every_verb_of_the_cluster_rig_moves_the_slot_and_a_client_follows()
    {
        await using var rig = await ClusterRig.StartAsync();
        await using var client = await ConnectionMultiplexer.ConnectAsync(rig.Configuration);
        await WritesAsync(client, 1);
        var first = await rig.OwnerAsync(Key);
        Assert.Equal(3, (await Task.WhenAll(new[] { "a", "b", "c", "d", "e", "f" }.Select(rig.OwnerAsync))).Distinct().Count());

        await rig.MigrateAsync(Key);
        var second = await rig.OwnerAsync(Key);
        Assert.NotSame(first, second);
        await WritesAsync(client, 2);

        await rig.FailOverAsync(Key);
        var third = await rig.OwnerAsync(Key);
        Assert.NotSame(second, third);
        await rig.CompleteAsync();
        await WritesAsync(client, 3);

        await rig.BringBackAsync(await rig.KillMasterAsync(Key));
        Assert.Same(second, await rig.OwnerAsync(Key));
        await WritesAsync(client, 4);

        var frozen = await rig.FreezeMasterAsync(Key);
        await frozen.ThawAsync();
        await rig.BringBackAsync(frozen);
        Assert.NotSame(frozen, await rig.OwnerAsync(Key));
        await WritesAsync(client, 5);

        await rig.FailOverAsync(Key, atOnce: true);
        await rig.CompleteAsync();
        await WritesAsync(client, 6);

        var shard = await rig.KillShardAsync(Key);
        Assert.Equal(2, shard.Count);
        await rig.BringBackAsync(shard);
        await WritesAsync(client, 7);
    }

    [Fact]
    public async Task The_secure_rig_accepts_its_user_over_TLS_and_refuses_other_keys_and_a_wrong_password()
    {
        await using var rig = await SecureRig.StartAsync("app", "on", ">password", "resetkeys", "~{shop}:*", "resetchannels", "-@all", "+hello", "+auth", "+ping", "+info", "+get", "+set", "+client", "+echo");
        await using var client = await ConnectionMultiplexer.ConnectAsync(rig.Configuration("app", "password"));
        await WritesAsync(client, 1);
        var denied = await Assert.ThrowsAsync<RedisServerException>(() => client.GetDatabase().StringSetAsync("other", 1));
        Assert.Contains("NOPERM", denied.Message, StringComparison.Ordinal);

        var stranger = rig.Configuration("app", "wrong");
        stranger.AbortOnConnectFail = true;
        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(stranger));
    }

    [Fact]
    public async Task A_relay_network_resets_cuts_and_holds_connections_between_a_client_and_the_server()
    {
        await using var server = await RedisServer.StartAsync();
        await using var network = new RelayNetwork();
        var options = ConfigurationOptions.Parse($"127.0.0.1:{server.Port},abortConnect=false,asyncTimeout=2000,connectTimeout=500");
        options.Tunnel = network;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(50);
        await using var client = await ConnectionMultiplexer.ConnectAsync(options);
        await WritesAsync(client, 1);
        network.Reset();
        await WritesAsync(client, 2);
        network.Cut();
        await Assert.ThrowsAsync<RedisConnectionException>(() => client.GetDatabase().StringSetAsync(Key, 3));
        network.Mend();
        await WritesAsync(client, 4);
        network.Hold();
        await Assert.ThrowsAsync<RedisTimeoutException>(() => client.GetDatabase().StringSetAsync(Key, 5));
        Assert.True(client.IsConnected);
        network.Release();
        await WritesAsync(client, 6);
        Assert.Equal("6", (string?)await server.ExecuteAsync("GET", Key));
    }

    /// <summary>Writes a value and reads it back, with as many attempts as a client needs to follow a topology.</summary>
    private static async Task WritesAsync(ConnectionMultiplexer client, long value)
    {
        var database = client.GetDatabase();
        RedisException? last = null;
        for (var begin = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begin).TotalSeconds < 15;)
        {
            try
            {
                await database.StringSetAsync(Key, value);
                Assert.Equal(value, (long)await database.StringGetAsync(Key));
                return;
            }
            catch (RedisException e)
            {
                last = e;
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        Assert.Fail($"The client does not write {value}: {last}");
    }
}
