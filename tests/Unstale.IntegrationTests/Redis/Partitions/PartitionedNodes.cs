using Unstale.IntegrationTests.Redis.Cluster;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Partitions;

/// <summary>Base of tests of two nodes over a log of four partitions on one server.</summary>
public abstract class PartitionedNodes : IAsyncLifetime
{
    private protected const int Partitions = 4;

    private protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    private protected RedisServer Server { get; private set; } = null!;

    private protected RedisNode One { get; private set; } = null!;

    private protected RedisNode Two { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        One = new RedisNode(1, PartitionedLog.On(Server, Partitions), PartitionedLog.WithoutDependencies, log: PartitionedLog.Short);
        Two = new RedisNode(2, PartitionedLog.On(Server, Partitions), PartitionedLog.WithoutDependencies, log: PartitionedLog.Short);
        await One.TrustedAsync();
        await Two.TrustedAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await One.DisposeAsync();
        await Two.DisposeAsync();
        await Server.DisposeAsync();
    }
}
