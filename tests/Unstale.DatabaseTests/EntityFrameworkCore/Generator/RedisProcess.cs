using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using StackExchange.Redis;
using Unstale.IntegrationTests.Support;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>redis-server process of one test, on a Unix socket in a temporary folder.</summary>
internal sealed class RedisProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    private RedisProcess()
    {
        try
        {
            _process = Process.Start("redis-server", ["--port", "0", "--unixsocket", Socket, "--dir", _folder.Path, "--logfile", _folder.File("redis.log"), "--save", ""]);
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("There is no redis-server on the PATH. Install it (apt-get install redis-server) or run test.sh as root.", missing);
        }
    }

    private string Socket => _folder.File("redis.sock");

    /// <summary>Starts a server and waits until it accepts connections.</summary>
    public static async Task<RedisProcess> StartAsync()
    {
        var server = new RedisProcess();
        await Eventually.TrueAsync("redis-server accepts connections", async () =>
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(server.Socket));
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        });
        return server;
    }

    /// <summary>Returns the options of a connection.</summary>
    public ConfigurationOptions Options() => new() { EndPoints = { new UnixDomainSocketEndPoint(Socket) } };

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }
}
