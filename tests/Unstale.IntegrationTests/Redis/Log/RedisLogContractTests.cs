using Unstale.Log;
using Unstale.Tests.Log;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Contract of every log, over a real server.</summary>
public sealed class RedisLogContractTests : InvalidationLogContract
{
    private readonly List<IAsyncDisposable> _owned = [];

    private protected override async ValueTask<IInvalidationLog> CreateAsync()
    {
        var server = await RedisServer.StartAsync();
        var process = new LogProcess(server);
        _owned.AddRange([process, server]);
        return process.Log();
    }

    protected override async ValueTask DisposeServerAsync()
    {
        foreach (var owned in _owned)
            await owned.DisposeAsync();
    }
}
