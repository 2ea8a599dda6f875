using Unstale.Redis;
using Unstale.Redis.Resp;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Servers that cannot be had here: too old, too foreign, broken.</summary>
public sealed class RespFakeServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_before_6_2_is_refused()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "6.0.16"));

        var refused = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options));
        Assert.Equal($"Redis at {server.EndPoint} has version 6.0.16, and 6.2 is the oldest that works. Update the server.", refused.Message);
    }

    [Theory]
    [InlineData("-ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `hush`, \r\n")]
    [InlineData("-NOPROTO unsupported protocol version\r\n")]
    [InlineData("*2\r\n+server\r\n+redis\r\n")]
    public async Task A_server_without_RESP3_is_refused_and_the_password_is_not_shown(string answer)
    {
        await using var server = new FakeServer(answer);

        var refused = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options with { Credentials = new(null, "hush") }));
        Assert.Equal($"The server at {server.EndPoint} does not speak RESP3. Redis from 6.2 on and Valkey do; a proxy in between may not.", refused.Message);
        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_a_server_that_hold_the_password_are_not_shown()
    {
        await using var server = new FakeServer("-ERR I do not like hush\r\n");

        var refused = await Assert.ThrowsAsync<RespServerException>(() => ConnectAsync(server.Options with { Credentials = new(null, "hush") }));
        Assert.DoesNotContain("hush", refused.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("valkey", "8.0.1")]
    [InlineData("other", "of today")]
    public async Task Valkey_and_others_that_speak_RESP3_are_taken(string name, string version)
    {
        await using var server = new FakeServer(FakeServer.Hello(name, version), FakeServer.Info("# Server\r\nrun_id:abc\r\nport:1\r\n"));

        await using var connection = await ConnectAsync(server.Options);
        Assert.Equal((name, "abc"), (connection.Server.Name, connection.Server.RunId));
        Assert.Equal(name == "valkey" ? new Version(8, 0, 1) : null, connection.Server.Version);
    }

    [Fact]
    public async Task A_server_that_hides_its_run_id_has_none()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "7.2.4"), FakeServer.Info("# Server\r\nrun_id:\r\n"));

        await using var connection = await ConnectAsync(server.Options);
        Assert.Null(connection.Server.RunId);
    }

    [Fact]
    public async Task A_Sentinel_is_refused()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "7.2.4", "sentinel"));

        var refused = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options));
        Assert.Equal($"The server at {server.EndPoint} is a Sentinel, which holds no data. Name the Redis server itself.", refused.Message);
    }

    [Fact]
    public async Task A_malformed_reply_closes_the_connection_and_fails_the_calls()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "7.2.4"), FakeServer.Info("run_id:a"), "HTTP/1.1 400 Bad Request\r\n");
        await using var connection = await ConnectAsync(server.Options);

        var failed = await Assert.ThrowsAsync<RespOutcomeUnknownException>(() => connection.RunAsync("GET", "a"));
        Assert.IsType<RespProtocolException>(failed.InnerException);
        Assert.Contains("the byte 0x48 is no type", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_that_nobody_asked_for_closes_the_connection()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "7.2.4"), FakeServer.Info("run_id:a"), "+OK\r\n+OK\r\n");
        await using var connection = await ConnectAsync(server.Options);

        Assert.True((await connection.RunAsync("PING")).Is("OK"u8));
        Assert.Equal("The server sent a reply to no command. Something may speak in between.", (await connection.WhenClosed.WaitAsync(Token)).Message);
    }

    [Fact]
    public async Task A_reply_beyond_the_limit_closes_the_connection()
    {
        await using var server = new FakeServer(FakeServer.Hello("redis", "7.2.4"), FakeServer.Info("run_id:a"), "$2000\r\n");
        await using var connection = await ConnectAsync(server.Options with { Limits = new RespLimits(ReplyBytes: 1000) });

        var failed = await Assert.ThrowsAsync<RespOutcomeUnknownException>(() => connection.RunAsync("GET", "a"));
        Assert.Contains("The server sent a reply larger than 1000 bytes, which is the limit.", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_time_for_connecting()
    {
        await using var server = new FakeServer();

        var late = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(server.Options with { ConnectTimeout = TimeSpan.FromMilliseconds(300) }));
        Assert.Equal($"Redis at {server.EndPoint} was not ready within 300 ms (connectTimeout).", late.Message);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_named()
    {
        RespOptions options;
        await using (var server = new FakeServer())
        {
            options = server.Options;
        }

        var refused = await Assert.ThrowsAsync<RespConnectionException>(() => ConnectAsync(options));
        Assert.StartsWith($"Redis at {options.EndPoint} cannot be reached: ", refused.Message, StringComparison.Ordinal);
    }

    private static Task<RespConnection> ConnectAsync(RespOptions options) => RespConnection.ConnectAsync(options.EndPoint, options, ct: Token);
}
