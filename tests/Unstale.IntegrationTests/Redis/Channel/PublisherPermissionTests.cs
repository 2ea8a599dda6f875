using Unstale.Redis.Channel;
using Unstale.Redis.Connection;
using Xunit;
using Repository = Unstale.Tests.Support.Repository;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>ACL users of the documents on a server: services publish on their channel, and only nodes publish on the channel of the log.</summary>
public sealed class PublisherPermissionTests : IAsyncLifetime
{
    private const string LogChannel = "{unstale:log:0}:ch";

    private RedisServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RedisServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("channel.md", "user-service")]
    [InlineData("redis.md", "publisher")]
    public async Task A_service_user_can_publish_on_its_channel_and_can_neither_publish_on_the_log_nor_change_its_keys(string page, string user)
    {
        await AllowAsync(page, user);
        await AllowAsync("redis.md", "unstale");
        await _server.RunAsync("ACL", "SETUSER", "unstale", "&cache:invalidate");
        await using var node = await ChannelNode.StartAsync(_server, user: "unstale:password");
        await using var other = await ChannelNode.StartAsync(_server, user: "unstale:password");
        await node.HoldsAsync("user:1");
        await other.HoldsAsync("user:1");
        await using var service = InvalidationPublisher.Create($"redis://{user}:password@{_server.EndPoint}", "service");
        Assert.Equal(2, await service.InvalidateUserAsync("1", Stop));
        await node.LosesAsync("user:1");
        await other.LosesAsync("user:1");

        await node.HoldsAsync("user:2");
        await using var connection = await RawConnection.ConnectAsync(_server.EndPoint, user, "password");
        string[][] refused =
        [
            ["PUBLISH", LogChannel, "x"], ["SPUBLISH", LogChannel, "x"], ["XADD", "{unstale:log:0}:log", "*", "everything", ""], ["DEL", "{unstale:log:0}:ctl"],
            ["GET", "{unstale:log:0}:v:default:user:2"], ["EVAL", $"return redis.call('PUBLISH', '{LogChannel}', 'x')", "0"],
            ["CLIENT", "KILL", "TYPE", "pubsub"], ["CONFIG", "SET", "maxmemory", "1"], ["FLUSHALL"], ["SUBSCRIBE", LogChannel], ["PSUBSCRIBE", "*"],
        ];
        foreach (var command in refused)
        {
            var why = await Assert.ThrowsAsync<CallRefusedException>(() => connection.RunAsync(command[0], command[1..]));
            Assert.Equal(CallErrorKind.NoPermission, why.Kind);
        }

        Assert.True(node.Holds("user:2"));
        Assert.DoesNotContain(node.Received.Lines, static line => line.Text.Contains("is not a record", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Anonymous_clients_cannot_publish_on_the_channel_of_the_log_and_nodes_with_a_user_can()
    {
        await AllowAsync("redis.md", "unstale");
        await _server.RunAsync("ACL", "SETUSER", "unstale", "&cache:invalidate");
        await AllowAsync("redis.md", "default");
        await using var one = await ChannelNode.StartAsync(_server, user: "unstale:password");
        await using var two = await ChannelNode.StartAsync(_server, user: "unstale:password");
        await two.HoldsAsync("user:1");
        var why = await Assert.ThrowsAsync<CallRefusedException>(() => _server.RunAsync("PUBLISH", LogChannel, "x"));
        Assert.Equal(CallErrorKind.NoPermission, why.Kind);
        Assert.True(two.Holds("user:1"));
        await one.Cache.Invalidator.InvalidateKeyAsync("user:1", cancellationToken: Stop);
        await two.LosesAsync("user:1");
    }

    private async Task AllowAsync(string page, string user)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "docs", page), Stop);
        var words = Assert.Single(lines, line => line.StartsWith($"ACL SETUSER {user} ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await _server.RunAsync(words[0], words[1..]);
    }
}
