using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>
/// PostgreSQL server of the tests, in a temporary folder and on its own port. Without the programs the tests fail: a test that passes without a
/// server would prove nothing.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Password = "tulip";

    private const int Attempts = 5;
    private const int Lines = 20;

    private readonly TemporaryFolder _folder = new();
    private readonly PostgresPrograms _programs = PostgresPrograms.Find();
    private readonly bool _isDurable;
    private Process? _process;
    private int _databases;

    public PostgresServer()
    {
    }

    /// <param name="isDurable">Whether commits wait for the disk. Default: false.</param>
    internal PostgresServer(bool isDurable) => _isDurable = isDurable;

    public int Port { get; private set; }

    /// <summary>Folder of the data, which may be changed while the server is stopped.</summary>
    public string Data => _folder.File("data");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.File("password"), Password);
        await PostgresPrograms.GiveAsync(_folder.Path);
        await _programs.InitializeAsync(Data, _folder.File("password"));
        await StartAgainAsync();
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username=shop;Password={Password}";

    /// <summary>Creates an empty database and returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"shop_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=False");
        await connection.ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement in psql, as another program than the one under test.</summary>
    public static Task PsqlAsync(string connectionString, string sql)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString);
        return PostgresPrograms.PsqlAsync($"postgresql://{database.Username}:{database.Password}@{database.Host}:{database.Port}/{database.Database}", sql);
    }

    /// <summary>Restarts the server after <see cref="StopAsync"/>, on the same port and with the data in its folder.</summary>
    public async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var fixedPort = Port != 0;
            Port = fixedPort ? Port : FreePort();
            _process = _programs.Serve(Data, Port, _isDurable);
            var said = ListenAsync(_process);
            if (await AnswersAsync(_process))
                return;

            // Another process may have bound the port meanwhile.
            Assert.True(attempt < Attempts, $"postgres ended with {_process.ExitCode}: {await said}");
            Port = fixedPort ? Port : 0;
        }
    }

    /// <summary>Stops the server and closes its connections immediately. Committed data stays.</summary>
    public async Task StopAsync()
    {
        if (_process is { } process)
        {
            using var kill = Process.Start("kill", ["-QUIT", process.Id.ToString()]);
            await kill.WaitForExitAsync();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> AnswersAsync(Process process)
    {
        var answers = false;
        await Eventually.TrueAsync($"postgres takes connections on port {Port}", async () =>
        {
            answers = !process.HasExited && await ConnectsAsync();
            return answers || process.HasExited;
        });
        return answers;
    }

    /// <summary>Reads the output of the server so that its writes never block, and returns the newest lines.</summary>
    private static async Task<string> ListenAsync(Process process)
    {
        var lines = new Queue<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
            if (lines.Count > Lines)
                lines.Dequeue();
        }

        return string.Join(Environment.NewLine, lines);
    }

    private async Task<bool> ConnectsAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=False");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
