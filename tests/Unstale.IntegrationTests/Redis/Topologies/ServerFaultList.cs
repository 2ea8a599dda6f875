using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Topologies;

/// <summary>Faults of the one server that currently holds the log, in any topology.</summary>
/// <param name="master">Function that finds the server.</param>
internal sealed class ServerFaultList(Func<Task<RedisServer>> master)
{
    public Fault KillConnections => new("kill every connection", async () =>
    {
        var server = await master();
        await KillAsync(server, "normal");
        await KillAsync(server, "pubsub");
    });

    public Fault KillSubscriptions => new("kill every subscription", async () => await KillAsync(await master(), "pubsub"));

    public Fault KillRepeatedly => new("kill every connection five times, 100 ms apart", async () =>
    {
        var server = await master();
        for (var i = 0; i < 5; i++)
        {
            await KillAsync(server, "normal");
            await KillAsync(server, "pubsub");
            await Load.RunsAsync(100);
        }
    });

    public Fault ForgetScripts => new("SCRIPT FLUSH", () => RunAsync("SCRIPT", "FLUSH"));

    public Fault Flush => new("FLUSHALL", () => RunAsync("FLUSHALL"));

    public Fault DeleteControl => new("delete the control hash", () => RunAsync("DEL", ServerFaults.Base + "ctl"));

    public Fault Trim => new("XTRIM the log to nothing", () => RunAsync("XTRIM", ServerFaults.Base + "log", "MAXLEN", "0"));

    public Fault DeleteTags => new("delete the tags", () => RunAsync("DEL", ServerFaults.Base + "tags:0", ServerFaults.Base + "tags:1"));

    public Fault Sleep => new("DEBUG SLEEP 0.4", () => RunAsync("DEBUG", "SLEEP", "0.4"));

    public Fault Full => new("maxmemory reached for 600 ms", async () =>
    {
        var server = await master();
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "1");
        await Load.RunsAsync(600);
        await server.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
    });

    /// <summary>Fault: the server closes a subscribing connection as soon as it has to buffer anything for it.</summary>
    public Fault NoRoomForPushes => new("no room for pushes for 600 ms", async () =>
    {
        var server = await master();
        var before = ((string[])(await server.ExecuteAsync("CONFIG", "GET", "client-output-buffer-limit"))!)[1];
        await server.ExecuteAsync("CONFIG", "SET", "client-output-buffer-limit", "pubsub 1 0 0");
        await Load.RunsAsync(600);
        await server.ExecuteAsync("CONFIG", "SET", "client-output-buffer-limit", before);
    });

    public Fault Pause => new("CLIENT PAUSE 600 ALL", async () =>
    {
        await RunAsync("CLIENT", "PAUSE", "600", "ALL");
        await Load.RunsAsync(600);
    });

    public Fault Busy => new("busy with a script for 700 ms", async () =>
    {
        var server = await master();
        await server.ExecuteAsync("CONFIG", "SET", "busy-reply-threshold", "50");
        var script = server.ExecuteAsync("EVAL", "while true do end", "0");
        await Load.RunsAsync(700);
        await server.ExecuteAsync("SCRIPT", "KILL");
        await Assert.ThrowsAsync<RedisServerException>(() => script);
    });

    /// <summary>Returns a fault that sends SIGSTOP, for a duration that no sentinel and no cluster treats as a failure.</summary>
    public Fault Freeze(int milliseconds) => new($"freeze the server for {milliseconds} ms", async () =>
    {
        var server = await master();
        await server.FreezeAsync();
        await Load.RunsAsync(milliseconds);
        await server.ThawAsync();
    });

    public Fault Restart(int milliseconds) => new($"kill the server, start it after {milliseconds} ms", async () =>
    {
        var server = await master();
        await server.StopAsync();
        await Load.RunsAsync(milliseconds);
        await server.StartAgainAsync();
    });

    public Fault Depose(RedisServer other) => new("a replica of another server for 500 ms", async () =>
    {
        var server = await master();
        await server.ExecuteAsync("REPLICAOF", "127.0.0.1", other.Port.ToString());
        await Load.RunsAsync(500);
        await server.ExecuteAsync("REPLICAOF", "NO", "ONE");
    });

    private static Task<RedisResult> KillAsync(RedisServer server, string type) => server.ExecuteAsync("CLIENT", "KILL", "TYPE", type);

    private async Task RunAsync(params string[] words) => await (await master()).ExecuteAsync(words);
}
