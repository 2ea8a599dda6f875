using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Npgsql;
using Unstale.IntegrationTests.Support;
using Xunit;

namespace Unstale.IntegrationTests.PostgreSql;

/// <summary>
/// A PostgreSQL of the tests alone, in a temporary folder, on a port of its own. Without the programs the tests fail: a test that
/// passes without a server has shown nothing.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    public const string Password = "tulip";

    private const int Attempts = 5;
    private const int Lines = 20;

    private readonly TemporaryFolder _folder = new();
    private readonly PostgresPrograms _programs = PostgresPrograms.Find();
    private Process? _process;
    private int _databases;

    public int Port { get; private set; }

    private string Data => _folder.File("data");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder.File("password"), Password);
        await PostgresPrograms.GiveAsync(_folder.Path);
        await _programs.InitializeAsync(Data, _folder.File("password"));
        await StartAgainAsync();
    }

    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username=shop;Password={Password}";

    /// <summary>Makes an empty database and returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"shop_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=False");
        await connection.ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Starts it after <see cref="StopAsync"/>: on the same port, with what its folder holds.</summary>
    public async Task StartAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var fixedPort = Port != 0;
            Port = fixedPort ? Port : FreePort();
            _process = _programs.Serve(Data, Port);
            var said = ListenAsync(_process);
            if (await AnswersAsync(_process))
            {
                return;
            }

            // Someone else may have taken the port in between.
            Assert.True(attempt < Attempts, $"postgres ended with {_process.ExitCode}: {await said}");
            Port = fixedPort ? Port : 0;
        }
    }

    /// <summary>Ends it and its connections at once, and keeps what was committed.</summary>
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

    /// <summary>Takes what it writes, so that it never waits for a reader, and keeps the newest lines.</summary>
    private static async Task<string> ListenAsync(Process process)
    {
        var lines = new Queue<string>();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
            if (lines.Count > Lines)
            {
                lines.Dequeue();
            }
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
