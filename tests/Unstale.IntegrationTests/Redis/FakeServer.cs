using System.Net;
using System.Net.Sockets;
using System.Text;
using Unstale.Redis.Resp;

namespace Unstale.IntegrationTests.Redis;

/// <summary>Says what a test tells it to whoever connects: for servers that cannot be had, and for garbage.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    /// <param name="answers">What is sent after each piece that comes in; after the last, nothing more is said.</param>
    public FakeServer(params string[] answers)
    {
        _listener.Start();
        _run = RunAsync(answers);
    }

    public RespEndPoint EndPoint => new("127.0.0.1", ((IPEndPoint)_listener.LocalEndpoint).Port);

    public RespOptions Options => new() { EndPoint = EndPoint };

    public static string Hello(string server, string version, string mode = "standalone") =>
        $"%4\r\n+server\r\n+{server}\r\n+version\r\n+{version}\r\n+mode\r\n+{mode}\r\n+role\r\n+master\r\n";

    public static string Info(string text) => $"${text.Length}\r\n{text}\r\n";

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync(string[] answers)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await SpeakAsync(client.GetStream(), answers);
            }
        }
        catch (Exception e) when (_stop.IsCancellationRequested || e is IOException or SocketException)
        {
            // The test is over, or its connection is.
        }
    }

    private async Task SpeakAsync(NetworkStream stream, string[] answers)
    {
        var heard = new byte[4096];
        foreach (var answer in answers)
        {
            if (await stream.ReadAsync(heard, _stop.Token) == 0)
            {
                return;
            }

            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), _stop.Token);
        }

        while (await stream.ReadAsync(heard, _stop.Token) != 0)
        {
        }
    }
}
