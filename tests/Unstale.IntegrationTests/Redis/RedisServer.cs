using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>
/// redis-server process of one test, in a temporary folder and on its own port. Without the program the test fails: a test that passes without a
/// server would prove nothing.
/// </summary>
internal sealed partial class RedisServer : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(string[] arguments) => _arguments = arguments;

    public int Port { get; private set; }

    /// <summary>Port of the cluster bus, if the arguments name one.</summary>
    public int BusPort { get; private set; }

    /// <summary>Password of the default user, if <c>--requirepass</c> sets one.</summary>
    public string? Password => Array.IndexOf(_arguments, "--requirepass") is var at and >= 0 ? _arguments[at + 1] : null;

    public bool IsRunning => _process is { HasExited: false };

    public string Folder => _folder.Path;

    /// <summary>Unix socket in the server's folder. The socket stays open to the test regardless of how the ports are secured.</summary>
    public string SocketFile => _folder.File("redis.sock");

    /// <summary>
    /// Starts a server and waits until it accepts connections. "{port}", "{bus}" (a second port) and "{folder}" in arguments are replaced by the
    /// server's own; with --tls-port the server has no other port. A first argument without dashes is the settings file.
    /// </summary>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts a server after <paramref name="prepareFolder"/> has created the files that the arguments name.</summary>
    public static async Task<RedisServer> StartAsync(Action<string> prepareFolder, params string[] arguments)
    {
        var server = new RedisServer(arguments);
        prepareFolder(server.Folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Restarts the server after <see cref="StopAsync"/>, on the same port and with the data in its folder.</summary>
    public async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var fixedPort = Port != 0;
            Port = fixedPort ? Port : FreePort();
            BusPort = fixedPort ? BusPort : FreePort();
            _process = Run();
            if (await AnswersAsync(_process))
                return;

            // Another process may have bound the port meanwhile.
            var log = File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile) : "";
            Assert.True(attempt < Attempts, $"redis-server {string.Join(' ', Arguments())} ended with {_process.ExitCode}: {log}");
            Port = fixedPort ? Port : 0;
        }
    }

    /// <summary>Kills the server, as a crash would.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Sends SIGSTOP: the sockets stay open, but no command is processed.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    private string LogFile => _folder.File("redis.log");

    private Process Run()
    {
        try
        {
            return Process.Start("redis-server", Arguments());
        }
        catch (Win32Exception missing)
        {
            throw new InvalidOperationException("There is no redis-server on the PATH. Install it (apt-get install redis-server) or run test.sh as root.", missing);
        }
    }

    private IEnumerable<string> Arguments()
    {
        string[] port = _arguments.Contains("--tls-port", StringComparer.Ordinal) ? ["--port", "0"] : ["--port", "{port}"];
        string[] file = _arguments is [[not '-', ..] settings, ..] ? [settings] : [];
        string[] all = [.. file, .. port, "--unixsocket", "{folder}/redis.sock", "--bind", "127.0.0.1", "--dir", "{folder}", "--logfile", "{folder}/redis.log", "--save", "", "--daemonize", "no", .. _arguments[file.Length..]];
        return all.Select(Loaded);
    }

    private string Loaded(string argument) => argument
        .Replace("{port}", Port.ToString(), StringComparison.Ordinal)
        .Replace("{bus}", BusPort.ToString(), StringComparison.Ordinal)
        .Replace("{folder}", Folder, StringComparison.Ordinal);

    private async Task<bool> AnswersAsync(Process process)
    {
        var answers = false;
        await Eventually.TrueAsync($"redis-server takes connections on port {Port}", async () =>
        {
            answers = !process.HasExited && await ListensAsync();
            return answers || process.HasExited;
        });
        return answers;
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            if (!_arguments.Contains("--tls-port", StringComparer.Ordinal))
                return await RepliesAsync(socket);

            // A port secured by TLS gives no reply in plain text. The server opens its Unix socket after the port.
            using var plain = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await plain.ConnectAsync(new UnixDomainSocketEndPoint(SocketFile));
            return await RepliesAsync(plain);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>The server listens before it has loaded its users and may still exit while loading them. Any reply will do.</summary>
    private static async Task<bool> RepliesAsync(Socket socket)
    {
        await socket.SendAsync("PING\r\n"u8.ToArray());
        return await socket.ReceiveAsync(new byte[64]) > 0;
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString()]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
