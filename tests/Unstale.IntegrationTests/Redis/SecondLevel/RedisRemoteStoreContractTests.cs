using Unstale.Log;
using Unstale.Remote;
using Unstale.Tests.Remote;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Contract of every second level, over a real server.</summary>
public sealed class RedisRemoteStoreContractTests : RemoteStoreContract
{
    private RedisServer? _server;
    private RawConnection? _connection;
    private StoreNode? _node;

    private protected override IRemoteStore Store => _node!.Store;

    private protected override ILogSession Session => _node!.Session;

    protected override async ValueTask OpenAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await RawConnection.ConnectAsync(_server.EndPoint);
        _node = await StoreNode.ConnectAsync(_server);
    }

    protected override async ValueTask PassAsync(TimeSpan time) => await _connection!.PassAsync(time);

    protected override async ValueTask KnowVersionsAsync() => await _connection!.RunAsync("HSET", StoreNode.Keys.Control, "versions_since", "0");

    public override async ValueTask DisposeAsync()
    {
        await _node!.DisposeAsync();
        await _connection!.DisposeAsync();
        await _server!.DisposeAsync();
    }
}
