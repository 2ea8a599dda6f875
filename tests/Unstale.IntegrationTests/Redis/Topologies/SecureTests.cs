using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>TLS with a client certificate, and the documented user with no other rights.</summary>
public sealed class SecureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("resp2")]
    [InlineData("resp3")]
    public async Task The_documented_user_over_TLS_under_every_fault_makes_no_read_stale(string protocol)
    {
        var words = await PermissionTests.DocumentAsync();
        await using var rig = await SecureRig.StartAsync(words[2..]);
        await using var nodes = await TopologyNodes.StartAsync(() => rig.Configuration("unstale", "password", protocol));
        var server = new ServerFaultList(() => Task.FromResult(rig.Server));
        await FaultRun.JudgeAsync(
            nodes,
            RedisCluster.Bound,
            server.KillSubscriptions,
            server.KillConnections,
            server.KillRepeatedly,
            server.Sleep,
            server.Pause,
            server.Freeze(800),
            server.Busy,
            server.ForgetScripts,
            server.Full,
            server.DeleteControl,
            nodes.ResetAll,
            nodes.CutOff(500),
            nodes.LoseReplies(600),
            nodes.Strand,
            nodes.Slow(1000, latency: 20),
            nodes.HoldOne(3000),
            new("the password is changed for 500 ms", async () =>
            {
                await rig.Server.ExecuteAsync("ACL", "SETUSER", "unstale", "resetpass", ">other");
                await rig.Server.ExecuteAsync("CLIENT", "KILL", "USER", "unstale");
                await Load.RunsAsync(500);
                await rig.Server.ExecuteAsync("ACL", "SETUSER", "unstale", "resetpass", ">password");
            }),
            new("the right to the channel is taken for 500 ms", async () =>
            {
                await rig.Server.ExecuteAsync("ACL", "SETUSER", "unstale", "resetchannels");
                await Load.RunsAsync(500);
                await rig.Server.ExecuteAsync(["ACL", "SETUSER", .. words[2..]]);
            }),
            new("the right to run scripts is taken for 500 ms", async () =>
            {
                await rig.Server.ExecuteAsync("ACL", "SETUSER", "unstale", "-evalsha", "-eval");
                await Load.RunsAsync(500);
                await rig.Server.ExecuteAsync(["ACL", "SETUSER", .. words[2..]]);
            }));
        Assert.DoesNotContain(nodes.Nodes, static n => n.Says("password"));
    }

    [Fact]
    public async Task A_wrong_certificate_and_a_wrong_password_are_named_and_reads_go_to_the_source()
    {
        await using var rig = await SecureRig.StartAsync(await PermissionTests.DocumentAsync() is { } words ? words[2..] : []);
        var truth = new Truth();
        await using var stranger = new RedisNode(0, o => o.ConfigurationOptions = rig.Configuration("unstale", "hunter2"), log: static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        await using var naked = new RedisNode(
            1, o => o.ConfigurationOptions = StackExchange.Redis.ConfigurationOptions.Parse($"localhost:{rig.Server.Port},ssl=true,sslHost=localhost"), log: static o => o.ShutdownTimeout = TimeSpan.FromMilliseconds(100));
        foreach (var (node, word) in new[] { (stranger, "assword"), (naked, "certificate") })
        {
            await Support.Eventually.TrueAsync($"{word} is named", () => Task.FromResult(node.Says(word)));
            Assert.Equal(CacheOutcome.Load, (await node.ReadAsync("k", truth)).Outcome);
            Assert.Equal(ReceiptState.Queued, (await node.Invalidator.InvalidateKeyAsync("k", cancellationToken: Stop)).State);
            Assert.False(node.IsTrusted);
            Assert.False(node.Says("hunter2"));
        }
    }
}
