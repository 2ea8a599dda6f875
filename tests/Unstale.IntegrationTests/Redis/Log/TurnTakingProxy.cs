using System.Net;
using System.Net.Sockets;
using Unstale.Redis.Connection;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Proxy that connects each new client to the next of several servers, like a load balancer unaware of masters.</summary>
internal sealed class TurnTakingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public TurnTakingProxy(params ServerEndPoint[] servers)
    {
        _listener.Start();
        _run = RunAsync(servers);
    }

    public RedisSettings Settings => new ServerEndPoint("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port).Settings;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(ServerEndPoint[] servers)
    {
        for (var turn = 0; ; turn++)
            _ = LeadAsync(await _listener.AcceptTcpClientAsync(_stop.Token), servers[turn % servers.Length]);
    }

    private async Task LeadAsync(TcpClient client, ServerEndPoint server)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(server.Host, server.Port, _stop.Token);
        await Task.WhenAny(
            near.GetStream().CopyToAsync(far.GetStream(), _stop.Token),
            far.GetStream().CopyToAsync(near.GetStream(), _stop.Token));
    }
}
