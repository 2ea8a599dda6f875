using Microsoft.Extensions.Hosting;
using Unstale.Redis.Channel;

namespace Unstale.Redis.Hosting;

/// <summary>Runs the bridge while the host runs.</summary>
internal sealed class ChannelBridgeService(ChannelBridge bridge) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        bridge.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => bridge.DisposeAsync().AsTask();
}
