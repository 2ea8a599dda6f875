using Xunit;

namespace Unstale.IntegrationTests.Redis.SecondLevel;

/// <summary>Base of tests with a server, a direct connection to it, and one node with a position in the log.</summary>
public abstract class StoreTest : IAsyncLifetime
{
    private readonly List<StoreNode> _nodes = [];

    internal RedisServer Server { get; private set; } = null!;

    internal RawConnection Raw { get; private set; } = null!;

    internal StoreNode Node => _nodes[0];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Raw = await RawConnection.ConnectAsync(Server.EndPoint);
        await StartNodeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();

        await Raw.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal async Task<StoreNode> StartNodeAsync()
    {
        var node = await StoreNode.StartAsync(Server);
        _nodes.Add(node);
        return node;
    }

    internal async Task<string> ControlAsync(string field) => (await Raw.RunAsync("HGET", StoreNode.Keys.Control, field)).Text();

    protected static string PlaceOf(string key, string cache = "default") => StoreNode.Keys.ValuesOf(cache) + key;
}
