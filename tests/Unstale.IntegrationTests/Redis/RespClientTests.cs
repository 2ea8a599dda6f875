using System.Collections.Concurrent;
using Unstale.IntegrationTests.Support;
using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>A client that keeps its connection: restarts, silence, preparation, the end.</summary>
public sealed class RespClientTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_connects_again_after_a_restart_of_the_server()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(Quick(server.Options));
        var events = new ConcurrentQueue<string>();
        client.Connected += number => events.Enqueue($"connected {number}");
        client.Disconnected += (number, why) => events.Enqueue($"disconnected {number} {why is RespConnectionException}");
        client.Start();
        var first = await client.ConnectedAsync(Long, Token);

        await server.StopAsync();
        await Eventually.TrueAsync("the end is noticed", () => Task.FromResult(client.Current is null));
        using var ping = RespCalls.Command("PING");
        var refused = await Assert.ThrowsAsync<RespConnectionException>(async () => await client.CallAsync(ping, Token));
        Assert.StartsWith($"There is no connection to Redis at {server.EndPoint}: ", refused.Message, StringComparison.Ordinal);
        await server.StartAgainAsync();
        var second = await client.ConnectedAsync(Long, Token);

        Assert.Equal("PONG", (await client.CallAsync(ping, Token)).Text());
        Assert.NotEqual(first.Server.RunId, second.Server.RunId);
        Assert.Equal([$"connected {first.Number}", $"disconnected {first.Number} True", $"connected {second.Number}"], events);
    }

    [Fact]
    public async Task It_starts_before_the_server_does_and_says_why_it_is_not_connected()
    {
        await using var server = await RedisServer.StartAsync();
        await server.StopAsync();
        await using var client = new RespClient(Quick(server.Options));
        client.Start();

        var none = await Assert.ThrowsAsync<RespConnectionException>(() => client.ConnectedAsync(TimeSpan.FromMilliseconds(500), Token));
        Assert.Contains("cannot be reached", none.Message, StringComparison.Ordinal);
        await server.StartAgainAsync();
        Assert.NotNull(await client.ConnectedAsync(Long, Token));
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_left()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(Quick(server.Options) with { KeepAlive = TimeSpan.FromMilliseconds(200) });
        client.Start();
        var connection = await client.ConnectedAsync(Long, Token);

        await server.FreezeAsync();
        var why = await connection.WhenClosed.WaitAsync(Long, TimeProvider.System, Token);
        Assert.Contains("was given up: PING was sent", why.Message, StringComparison.Ordinal);
        await server.ThawAsync();
        Assert.NotEqual(connection.Number, (await client.ConnectedAsync(Long, Token)).Number);
    }

    [Fact]
    public async Task A_quiet_but_living_server_is_kept()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(Quick(server.Options) with { KeepAlive = TimeSpan.FromMilliseconds(500) });
        client.Start();
        var connection = await client.ConnectedAsync(Long, Token);

        await Eventually.TrueAsync("several signs of life are asked for", async () =>
            (await server.RunAsync("INFO", "commandstats")).Text().Split("cmdstat_ping:calls=") is [_, var calls] && calls[0] >= '4');
        Assert.False(connection.WhenClosed.IsCompleted);
    }

    [Fact]
    public async Task A_connection_is_prepared_before_anyone_gets_it_and_a_failure_is_tried_again()
    {
        await using var server = await RedisServer.StartAsync();
        var attempts = 0;
        var failures = new ConcurrentQueue<Exception>();
        await using var client = new RespClient(Quick(server.Options), prepare: async (connection, _) =>
        {
            await connection.RunAsync("PING");
            if (++attempts < 3)
            {
                throw new InvalidOperationException("Not ready.");
            }
        });
        client.ConnectFailed += failures.Enqueue;
        client.Start();

        await client.ConnectedAsync(Long, Token);
        Assert.Equal(3, attempts);
        Assert.Equal(["Not ready.", "Not ready."], failures.Select(e => e.Message));
    }

    [Fact]
    public async Task A_subscriber_that_throws_does_not_end_the_reconnecting()
    {
        await using var server = await RedisServer.StartAsync();
        var times = 0;
        await using var client = new RespClient(Quick(server.Options));
        client.Connected += _ => { if (++times < 3) { throw new InvalidOperationException("Broken."); } };
        client.Start();

        await Eventually.TrueAsync("the third connection stays", () => Task.FromResult(times == 3 && client.Current is { WhenClosed.IsCompleted: false }));
    }

    [Fact]
    public async Task Disposing_ends_connection_and_waiting()
    {
        await using var server = await RedisServer.StartAsync();
        var client = new RespClient(Quick(server.Options));
        client.Start();
        var connection = await client.ConnectedAsync(Long, Token);
        await client.DisposeAsync();

        Assert.Null(client.Current);
        Assert.Contains("was closed on this side", (await connection.WhenClosed).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<RespConnectionException>(() => client.ConnectedAsync(Long, Token));
    }

    private static RespOptions Quick(RespOptions options) =>
        options with { Backoff = new(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50)) };
}
