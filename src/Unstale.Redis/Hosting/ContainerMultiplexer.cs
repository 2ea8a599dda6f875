using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Unstale.Redis.Hosting;

/// <summary>Multiplexer registered by the application, resolved when the first link is made.</summary>
internal sealed class ContainerMultiplexer
{
    public ContainerMultiplexer(IServiceProvider services) =>
        Get = () => services.GetService<IConnectionMultiplexer>() ?? throw Errors.NoMultiplexer();

    public Func<IConnectionMultiplexer> Get { get; }
}
