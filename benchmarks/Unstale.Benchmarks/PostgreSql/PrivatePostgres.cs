using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Unstale.Benchmarks.PostgreSql;

/// <summary>
/// PostgreSQL server of one run: a free port, a temporary folder, commits that wait for the disk. The programs refuse to run as root; in that case the user
/// 'postgres' runs them.
/// </summary>
internal sealed class PrivatePostgres : IDisposable
{
    private const string DebianFolder = "/usr/lib/postgresql";
    private const string User = "postgres";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromMilliseconds(50);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unstale-bench-");
    private readonly string _programs = Programs();
    private readonly int _port = FreePort();
    private readonly Process _process;

    /// <param name="settings">Settings as <c>name=value</c>. Default: those of the server.</param>
    public PrivatePostgres(params IEnumerable<string> settings)
    {
        if (Environment.IsPrivilegedProcess)
            Finish(Process.Start("chown", [User, _folder.FullName]));
        Finish(Start("initdb", "-D", Data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"));
        string[] all = ["listen_addresses=127.0.0.1", "unix_socket_directories=", .. settings];
        _process = Start("postgres", ["-D", Data, "-p", _port.ToString(CultureInfo.InvariantCulture), .. all.SelectMany(static one => new[] { "-c", one })]);
        _process.BeginErrorReadLine(); // its log, which nobody reads
        var start = Stopwatch.GetTimestamp();
        while (!Answers())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(start) > StartLimit)
                throw new InvalidOperationException($"postgres took no connections on port {_port} within {StartLimit.TotalSeconds:0} s.");
            _process.WaitForExit(Pause);
        }
    }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Database=postgres;Username=bench");

    private string Data => Path.Combine(_folder.FullName, "data");

    public void Dispose()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private Process Start(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", [$"--reuid={User}", $"--regid={User}", "--init-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.RedirectStandardOutput = program == "initdb";
        start.RedirectStandardError = program == "postgres";
        return Process.Start(start)!;
    }

    private static void Finish(Process process)
    {
        using (process)
        {
            if (process.StartInfo.RedirectStandardOutput)
                process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} ended with {process.ExitCode}.");
        }
    }

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static string Programs()
    {
        var debian = Directory.Exists(DebianFolder) ? Directory.GetDirectories(DebianFolder).Select(static version => Path.Combine(version, "bin")).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(debian);
        return folders.LastOrDefault(static folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new InvalidOperationException("There is no PostgreSQL on the PATH, and this group measures against one. Install it, for example by: apt-get install postgresql.");
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
