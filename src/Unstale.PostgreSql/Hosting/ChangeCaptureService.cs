using Microsoft.Extensions.Hosting;
using Unstale.PostgreSql.Capture;

namespace Unstale.PostgreSql.Hosting;

/// <summary>Runs the reader and the watch while the host runs. A database that cannot be reached does not fail the start.</summary>
internal sealed class ChangeCaptureService(ChangeReader reader, LagWatch watch, ChangeCaptureOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        watch.Start();
        if (options.IsReader)
            reader.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(reader.StopAsync(), watch.StopAsync());
}
