using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Topologies;
using Unstale.Redis.Connection;

namespace Unstale.IntegrationTests.Redis;

/// <content>Addresses and commands.</content>
internal sealed partial class RedisServer
{
    public ServerEndPoint EndPoint => new("127.0.0.1", Port);

    public RedisSettings Settings => EndPoint.Settings;

    /// <summary>Runs one command over a new connection.</summary>
    public async Task<RedisReply> RunAsync(string name, params string[] arguments)
    {
        await using var connection = await RawConnection.ConnectAsync(EndPoint);
        return await connection.RunAsync(name, arguments);
    }

    /// <summary>Runs one command over a new socket, without any client library.</summary>
    /// <exception cref="RedisServerException">The server returned an error.</exception>
    public Task<RedisResult> ExecuteAsync(params string[] words) => ServerCommand.RunAsync(SocketFile, Password, words);

    /// <summary>Returns how many connections were refused because of a name or password.</summary>
    public async Task<long> RefusedUsersAsync() => (await RunAsync("ACL", "LOG")).Items.Sum(static entry => entry.Field("count"u8).Integer);
}
