using System.Net;
using System.Net.Sockets;
using Unstale.Redis.Connection;

namespace Unstale.IntegrationTests.Redis.Log;

/// <summary>Proxy to a server. Replaces a text in the requests by another of the same length while <see cref="Rewrites"/> is set.</summary>
internal sealed class RewritingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ServerEndPoint _server;
    private readonly byte[] _text;
    private readonly byte[] _instead;
    private readonly Task _run;
    private volatile bool _rewrites;

    public RewritingProxy(ServerEndPoint server, byte[] text, byte[] instead)
    {
        (_server, _text, _instead) = (server, text, instead);
        _listener.Start();
        _run = RunAsync();
    }

    public RedisSettings Settings => new ServerEndPoint("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port).Settings;

    public bool Rewrites
    {
        get => _rewrites;
        set => _rewrites = value;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
            _ = LeadAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
    }

    private async Task LeadAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient();
        await far.ConnectAsync(_server.Host, _server.Port, _stop.Token);
        await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), far.GetStream().CopyToAsync(near.GetStream(), _stop.Token));
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var piece = new byte[64 << 10];
        for (int length; (length = await from.ReadAsync(piece, _stop.Token)) > 0;)
        {
            for (int at, start = 0; _rewrites && (at = piece.AsSpan(start, length - start).IndexOf(_text)) >= 0; start += at + _text.Length)
                _instead.CopyTo(piece, start + at);

            await to.WriteAsync(piece.AsMemory(0, length), _stop.Token);
        }
    }
}
