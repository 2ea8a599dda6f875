using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Connections killed under load: a call succeeds with its own reply or fails by name, and the client comes back.</summary>
public sealed class RespKillTests
{
    private const int Callers = 50;
    private const int CallsEach = 200;
    private const int Kills = 20;

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

        var answered = new StrongBox<int>();
        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(client, caller, failures, answered))));
        for (var kill = 1; kill <= Kills; kill++)
        {
            // Calls get on between two kills, or the client would never finish a handshake.
            await Eventually.TrueAsync("calls are answered between kills", () =>
                Task.FromResult(load.IsCompleted || Volatile.Read(ref answered.Value) >= kill * Callers * CallsEach / (Kills + 1)));
            await server.RunAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }

        await load;
        Assert.Equal(Callers * CallsEach, answered.Value);
        long[] numbers = [.. connections];
        Assert.InRange(numbers.Length, 2, int.MaxValue);
        Assert.Equal(numbers.Order(), numbers);
        Assert.All(failures, failure => Assert.True(failure is RespOutcomeUnknownException or RespConnectionException, failure.ToString()));
    }

    /// <summary>Repeats each call until it succeeds, so all 10,000 unique values are answered.</summary>
    private static async Task CallAsync(RespClient client, int caller, ConcurrentQueue<Exception> failures, StrongBox<int> answered)
    {
        for (var i = 0; i < CallsEach;)
        {
            var unique = $"{caller}:{i}";
            using var command = RespCalls.Command("ECHO", unique);
            try
            {
                Assert.Equal(unique, (await client.CallAsync(command, TestContext.Current.CancellationToken)).Text());
                Interlocked.Increment(ref answered.Value);
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
