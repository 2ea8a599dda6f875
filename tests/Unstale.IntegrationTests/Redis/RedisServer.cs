using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Unstale.IntegrationTests.Redis.Topologies;
using Unstale.IntegrationTests.Support;
using Unstale.Redis.Link;
using Xunit;

namespace Unstale.IntegrationTests.Redis;

/// <summary>
/// A redis-server of this test alone, in a temporary folder, on a port of its own. Without the program the test fails: a test that
/// passes without a server has shown nothing.
/// </summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const int Attempts = 5;

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private Process? _process;

    private RedisServer(string[] arguments) => _arguments = arguments;

    public int Port { get; private set; }

    /// <summary>Port of the cluster bus, where the arguments name it.</summary>
    public int BusPort { get; private set; }

    /// <summary>Password of the default user, where <c>--requirepass</c> sets one.</summary>
    public string? Password => Array.IndexOf(_arguments, "--requirepass") is var at and >= 0 ? _arguments[at + 1] : null;

    public bool IsRunning => _process is { HasExited: false };

    public string Folder => _folder.Path;

    /// <summary>Socket in its folder, which stays open to the test whatever the ports require.</summary>
    public string SocketFile => _folder.File("redis.sock");

    public ServerEndPoint EndPoint => new("127.0.0.1", Port);

    public RedisSettings Settings => EndPoint.Settings;

    /// <summary>
    /// Starts one and waits until it takes connections. "{port}", "{bus}" (a second port) and "{folder}" in arguments stand for its own; with
    /// --tls-port it has no other. A first argument without dashes is the file of its settings.
    /// </summary>
    public static async Task<RedisServer> StartAsync(params string[] arguments)
    {
        var server = new RedisServer(arguments);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>The same with files that the arguments name, made in the folder first.</summary>
    public static async Task<RedisServer> StartAsync(Action<string> prepareFolder, params string[] arguments)
    {
        var server = new RedisServer(arguments);
        prepareFolder(server.Folder);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it after <see cref="StopAsync"/>: on the same port, with what its folder holds.</summary>
    public async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var fixedPort = Port != 0;
            Port = fixedPort ? Port : FreePort();
            BusPort = fixedPort ? BusPort : FreePort();
            _process = Run();
            if (await AnswersAsync(_process))
            {
                return;
            }

            // Someone else may have taken the port in between.
            var log = File.Exists(LogFile) ? await File.ReadAllTextAsync(LogFile) : "";
            Assert.True(attempt < Attempts, $"redis-server {string.Join(' ', Arguments())} ended with {_process.ExitCode}: {log}");
            Port = fixedPort ? Port : 0;
        }
    }

    /// <summary>Ends it at once, as a crash does.</summary>
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

    /// <summary>SIGSTOP: it keeps its sockets and answers nothing.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Runs one command over a connection of its own.</summary>
    public async Task<RedisReply> RunAsync(string name, params string[] arguments)
    {
        await using var connection = await RawConnection.ConnectAsync(EndPoint);
        return await connection.RunAsync(name, arguments);
    }

    /// <summary>Runs one command over a socket of its own, outside of any client.</summary>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    public Task<RedisResult> ExecuteAsync(params string[] words) => ServerCommand.RunAsync(SocketFile, Password, words);

    /// <summary>How often it has turned somebody away over a name or password.</summary>
    public async Task<long> RefusedUsersAsync() => (await RunAsync("ACL", "LOG")).Items.Sum(static entry => entry.Field("count"u8).Integer);

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
        return all.Select(Filled);
    }

    private string Filled(string argument) => argument
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
            if (_arguments.Contains("--tls-port", StringComparer.Ordinal))
            {
                return true;
            }

            // It listens before it has read its users, and may yet end over them. Any answer will do.
            await socket.SendAsync("PING\r\n"u8.ToArray());
            return await socket.ReceiveAsync(new byte[64]) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
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
