using StackExchange.Redis;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Direct connection to a server that bypasses the library, for commands written by a test.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private readonly ConnectionMultiplexer _multiplexer;

    private RawConnection(ConnectionMultiplexer multiplexer, string? runId) => (_multiplexer, RunId) = (multiplexer, runId);

    /// <summary>Run id of the server. Null if INFO is denied.</summary>
    public string? RunId { get; }

    public static async Task<RawConnection> ConnectAsync(ServerEndPoint server, string user = "", string password = "", int database = 0)
    {
        var multiplexer = await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { server.Host, server.Port } },
            User = user.Length == 0 ? null : user,
            Password = password.Length == 0 ? null : password,
            AllowAdmin = true,
            TieBreaker = "",
            SetClientLibrary = false,
            DefaultDatabase = database,
            ConfigurationChannel = "",
            ConnectRetry = 10,
            ClientName = "test",
        });
        return new(multiplexer, await RunIdAsync(multiplexer));
    }

    public async Task<RedisReply> RunAsync(string name, params string[] arguments)
    {
        using var call = RedisCall.Create(name);
        foreach (var argument in arguments)
            call.Arg(argument);

        return await CallAsync(call);
    }

    /// <summary>Sends the call to a server of any role, including a replica.</summary>
    public Task<RedisReply> CallAsync(RedisCall call) => CallAsync(call, call.SendAsync(_multiplexer.GetDatabase(), CommandFlags.PreferMaster));

    /// <summary>Sends the call with the source of the script.</summary>
    public Task<RedisReply> CallWithSourceAsync(RedisCall call) => CallAsync(call, call.SendSourceAsync(_multiplexer.GetDatabase()));

    public ValueTask DisposeAsync() => _multiplexer.DisposeAsync();

    private static async Task<RedisReply> CallAsync(RedisCall call, Task<RespResult> sent)
    {
        try
        {
            using var result = await sent.WaitAsync(TestContext.Current.CancellationToken);
            return RedisReply.From(result);
        }
        catch (RedisServerException refused)
        {
            throw ServerErrors.Meaning(call.Name, new RedisSettings { Place = "test" }, refused);
        }
    }

    private static async Task<string?> RunIdAsync(ConnectionMultiplexer multiplexer)
    {
        try
        {
            return RedisServerInfo.Parse(await multiplexer.GetServers()[0].InfoRawAsync("server"), null, false).RunId;
        }
        catch (RedisServerException)
        {
            return null;
        }
    }
}

/// <summary>Address of a test server.</summary>
internal sealed record ServerEndPoint(string Host, int Port)
{
    /// <summary>Settings with which the library connects to the server.</summary>
    public RedisSettings Settings => RedisSettings.Parse(ToString(), TimeProvider.System);

    public override string ToString() => $"{Host}:{Port}";
}
