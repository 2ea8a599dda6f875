using Unstale.IntegrationTests.Redis.Wire;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Scripts on servers other than a plain one.</summary>
public sealed class ScriptServerTests
{
    private const int Slots = 16384;

    /// <summary>Scenarios that depend on the reply of INFO.</summary>
    private static readonly string[] OfIdentity =
    [
        "another run id is another history", "another run id is another history for an external append", "another replication id is another history",
        "the run id is that of the executing server", "a plain append refuses a history that is not intact", "a valid value is confirmed once a minute",
        "no value is confirmed while a pattern is listed", "no value is confirmed in a broken history",
        "a sweep removes the selectors listed at its beginning",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_scripts_work_on_a_server_that_hides_its_run_id_from_them()
    {
        await using var server = await RedisServer.StartAsync();
        await server.RunAsync("ACL", "SETUSER", "default", "-info");
        await using var connection = await RawConnection.ConnectAsync(server.EndPoint);
        foreach (var (name, scenario) in ScriptScenarios.All.Where(static s => !OfIdentity.Contains(s.Key, StringComparer.Ordinal)))
            await HoldsAsync(name, new ScriptRig(connection), scenario);

        var rig = new ScriptRig(connection);
        await rig.BeginAsync();
        Assert.Equal(("?", "?"), (await rig.ControlAsync("run"), await rig.ControlAsync("replid")));
        await rig.SetControlAsync("run", new string('f', 40));
        foreach (var id in new[] { "0000000000000001", "0000000000000002" })
            Assert.Equal(ScriptRig.Gen, ScriptRig.State(await rig.AppendAsync(id, "key k")));
        Assert.Equal("records", ScriptRig.State(await rig.TailAsync()));
        Assert.True((await server.RunAsync("ACL", "LOG")).Items.Length > 0, "No script asked.");
    }

    [Fact]
    public async Task In_a_cluster_scripts_publish_on_the_sharded_channel()
    {
        await using var server = await ClusterAsync();
        await using var connection = await RawConnection.ConnectAsync(server.EndPoint);
        foreach (var (name, scenario) in ScriptScenarios.All)
            await HoldsAsync(name, new ScriptRig(connection) { Publish = "SPUBLISH" }, scenario);

        using var ear = await BareClient.ConnectAsync(server);
        using var deaf = await BareClient.ConnectAsync(server);
        var rig = new ScriptRig(connection) { Publish = "SPUBLISH" };
        await rig.BeginAsync();
        await ear.ArrayAsync("SSUBSCRIBE", rig.Base + "ch");
        await deaf.ArrayAsync("SUBSCRIBE", rig.Base + "ch");
        await rig.AppendAsync("0000000000000001", "key first");
        await rig.AppendAsync("0000000000000002", "key plain");
        await rig.AppendExternalAsync(("claim", new("0000000000000003", ["key heard"])));
        await rig.SetAsync("set", 0, "0000000000000004", []);
        await rig.MembersAsync();
        foreach (var named in new[] { "first", "plain", "heard", "set", "?" })
            Assert.EndsWith(named, await ear.HearAsync(), StringComparison.Ordinal);
        await server.RunAsync("PUBLISH", rig.Base + "ch", "nothing before");
        Assert.Equal("nothing before", await deaf.HearAsync());
    }

    private static async Task HoldsAsync(string name, ScriptRig rig, Func<ScriptRig, Task> scenario)
    {
        try
        {
            await rig.BeginAsync();
            await scenario(rig);
        }
        catch (Exception failed) when (failed is CallException or Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{name}: {failed}");
        }
    }

    /// <summary>Starts a cluster of one server, which serves all slots.</summary>
    private static async Task<RedisServer> ClusterAsync()
    {
        var server = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-port", "{bus}", "--cluster-config-file", "nodes.conf");
        await server.RunAsync("CLUSTER", "ADDSLOTSRANGE", "0", $"{Slots - 1}");
        await Eventually.TrueAsync("the cluster serves its slots", async () => (await server.RunAsync("CLUSTER", "INFO")).Text().Contains("cluster_state:ok", StringComparison.Ordinal));
        return server;
    }
}
