using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Unstale.DatabaseTests.EntityFrameworkCore.Reads;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>One node of a shop.</summary>
internal sealed class GeneratorNode : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private GeneratorNode(ServiceProvider services) => _services = services;

    public UnstaleCache Cache => _services.GetRequiredService<UnstaleCache>();

    /// <summary>Starts a node and waits until it is trusted.</summary>
    public static async Task<GeneratorNode> StartAsync(ServiceProvider services)
    {
        var node = new GeneratorNode(services);
        foreach (var service in services.GetServices<IHostedService>())
            await service.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync("the node is trusted", () => Task.FromResult(node.Cache.GetLogState().IsTrusted));
        return node;
    }

    /// <summary>Creates a context that records for the cache.</summary>
    public ShopContext Open() => _services.GetRequiredService<IDbContextFactory<ShopContext>>().CreateDbContext();

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services.GetServices<IHostedService>())
            await service.StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }
}
