using System.Net;
using System.Net.Sockets;
using Unstale.Redis.Resp;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Leads each next connection to the next of several servers, as a balancer does that knows nothing of masters.</summary>
internal sealed class TurnTakingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public TurnTakingProxy(params RespEndPoint[] servers)
    {
        _listener.Start();
        _run = RunAsync(servers);
    }

    public RespOptions Options => new() { EndPoint = new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port) };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync(RespEndPoint[] servers)
    {
        for (var turn = 0; ; turn++)
        {
            _ = LeadAsync(await _listener.AcceptTcpClientAsync(_stop.Token), servers[turn % servers.Length]);
        }
    }

    private async Task LeadAsync(TcpClient client, RespEndPoint server)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(server.Host, server.Port, _stop.Token);
        await Task.WhenAny(
            near.GetStream().CopyToAsync(far.GetStream(), _stop.Token),
            far.GetStream().CopyToAsync(near.GetStream(), _stop.Token));
    }
}
