using Unstale.Redis.Channel;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Channel;

/// <summary>Base of tests with a server and a service that uses only the channel, not the log.</summary>
public abstract class BridgeTest : IAsyncLifetime
{
    private protected RedisServer Server { get; private set; } = null!;

    private protected InvalidationPublisher Foreign { get; private set; } = null!;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Foreign = InvalidationPublisher.Create(Server.EndPoint.ToString(), "user-service");
    }

    public async ValueTask DisposeAsync()
    {
        await Foreign.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
