using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis;

/// <summary>redis-server process of one run: a free port, a temporary folder, nothing stored on disk.</summary>
internal sealed class PrivateRedis : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10), Pause = TimeSpan.FromMilliseconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unstale-bench-");
    private readonly Process _process;

    public PrivateRedis()
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FreePort();
            _process = Start();
            if (Answers())
                return;
            _process.Kill();
            _process.Dispose();
            if (attempt == Attempts)
                throw new InvalidOperationException($"redis-server took no connections on port {Port} within {StartLimit.TotalSeconds:0} s: {Log()}");
        }
    }

    public int Port { get; }

    /// <summary>Address in the form of a client's configuration.</summary>
    public string EndPoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Opens a connection as an application does.</summary>
    public ConnectionMultiplexer Connect() => new ValueTask<ConnectionMultiplexer>(ConnectionMultiplexer.ConnectAsync(EndPoint)).Wait();

    public Socket ConnectSocket()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(IPAddress.Loopback, Port);
        return socket;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Process Start()
    {
        var port = Port.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["--port", port, "--bind", "127.0.0.1", "--dir", _folder.FullName, "--logfile", LogFile, "--save", "", "--appendonly", "no"];
        try
        {
            return Process.Start("redis-server", arguments);
        }
        catch (Win32Exception missing)
        {
            _folder.Delete();
            throw new InvalidOperationException("There is no redis-server on the PATH, and this group measures against one. Install it, for example by: apt-get install redis-server.", missing);
        }
    }

    private bool Answers()
    {
        var start = Stopwatch.GetTimestamp();
        while (!_process.HasExited && Stopwatch.GetElapsedTime(start) < StartLimit)
        {
            try
            {
                using var socket = ConnectSocket();
                return true;
            }
            catch (SocketException)
            {
                _process.WaitForExit(Pause);
            }
        }

        return false;
    }

    private string LogFile => Path.Combine(_folder.FullName, "redis.log");

    private string Log() => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "it wrote no log";

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
