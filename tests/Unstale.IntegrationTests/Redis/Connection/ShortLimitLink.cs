using Unstale.IntegrationTests.Redis.Log;
using Unstale.Redis.Connection;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Connection;

/// <summary>Base of tests of calls over a link with a short limit of time and of bytes in flight.</summary>
public abstract class ShortLimitLink : IAsyncLifetime
{
    private protected static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(300);

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected RedisServer Server { get; private set; } = null!;

    private protected LogProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Process = new LogProcess(Server.Settings with { RequestTimeout = Limit, MaximumBytesInFlight = 1 << 20 });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Process.DisposeAsync();
        await Server.DisposeAsync();
    }

    private protected static async Task<Exception?> SetAsync(RedisConnection connection, string key, byte[] payload, RedisScript? script = null)
    {
        try
        {
            using var call = (script?.Command() ?? RedisCall.Create("SET")).Key(key).Arg(payload);
            await connection.CallAsync(call, Limit, Stop);
            return null;
        }
        catch (CallException why)
        {
            return why;
        }
    }
}
