using System.Collections.Concurrent;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Connections killed under load: a call succeeds with its own reply or fails by name, and the client comes back.</summary>
public sealed class RespKillTests
{
    private const int Callers = 50;
    private const int CallsEach = 200;

    [Fact]
    public async Task Under_load_and_kills_no_call_gets_the_reply_of_another()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(server.Options with { Backoff = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5)) });
        var connections = new ConcurrentQueue<long>();
        client.Connected += connections.Enqueue;
        client.Start();
        await client.ConnectedAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var failures = new ConcurrentQueue<Exception>();

        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, caller, failures))));
        var kills = 0;
        for (; !load.IsCompleted || kills == 0; kills++)
        {
            await server.RunAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }

        await load;
        Assert.InRange(connections.Count, 2, int.MaxValue);
        Assert.Equal(connections.Order(), connections);
        Assert.All(failures, failure => Assert.True(failure is RespOutcomeUnknownException or RespConnectionException, failure.ToString()));
    }

    /// <summary>Repeats each call until it succeeds, so all 10,000 unique values are answered.</summary>
    private static async Task CallAsync(RespClient client, int caller, ConcurrentQueue<Exception> failures)
    {
        for (var i = 0; i < CallsEach;)
        {
            var unique = $"{caller}:{i}";
            using var command = RespCalls.Command("ECHO", unique);
            try
            {
                Assert.Equal(unique, (await client.CallAsync(command, TestContext.Current.CancellationToken)).Text());
                i++;
            }
            catch (RespException error)
            {
                failures.Enqueue(error);
                await client.ConnectedAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            }
        }
    }
}
