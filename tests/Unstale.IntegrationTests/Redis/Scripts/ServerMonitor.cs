using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Unstale.IntegrationTests.Redis.Scripts;

/// <summary>Commands executed by a server, including the commands of scripts, each after the call of its script.</summary>
internal sealed class ServerMonitor : IDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly RedisServer _server;
    private StreamReader _reader = null!;

    private ServerMonitor(RedisServer server) => _server = server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<ServerMonitor> StartAsync(RedisServer server)
    {
        var monitor = new ServerMonitor(server);
        await monitor._tcp.ConnectAsync(IPAddress.Loopback, server.Port, Stop);
        monitor._reader = new StreamReader(monitor._tcp.GetStream(), Encoding.Latin1);
        await monitor._tcp.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), Stop);
        Assert.Equal("+OK", await monitor.LineAsync());
        return monitor;
    }

    /// <summary>Returns all commands executed so far. Each character of a text is one byte.</summary>
    public async Task<List<(bool IsOfScript, string[] Words)>> CommandsAsync()
    {
        var end = $"end {Guid.NewGuid()}";
        await _server.RunAsync("ECHO", end);
        var commands = new List<(bool, string[])>();
        while (true)
        {
            // "+<time> [<database> lua] "HGET" "key" ...": a script has "lua" in place of the client's address.
            var line = await LineAsync();
            var words = Words(line.AsSpan(line.IndexOf(']', StringComparison.Ordinal) + 1));
            if (words[^1] == end)
                return commands;
            commands.Add((line[..line.IndexOf(']', StringComparison.Ordinal)].EndsWith(" lua", StringComparison.Ordinal), words));
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _tcp.Dispose();
    }

    private async Task<string> LineAsync() =>
        await _reader.ReadLineAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Stop) ?? throw new IOException("The server closed the connection.");

    private static string[] Words(ReadOnlySpan<char> quoted)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        for (var i = 0; i < quoted.Length; i++)
        {
            if (quoted[i] != '"')
                continue;
            for (i++; quoted[i] != '"'; i++)
                word.Append(quoted[i] == '\\' ? Escaped(quoted, ref i) : quoted[i]);
            words.Add(word.ToString());
            word.Clear();
        }

        return [.. words];
    }

    private static char Escaped(ReadOnlySpan<char> quoted, ref int at)
    {
        at++;
        switch (quoted[at])
        {
            case 'x':
                at += 2;
                return (char)byte.Parse(quoted.Slice(at - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'a':
                return '\a';
            case 'b':
                return '\b';
            default:
                return quoted[at];
        }
    }
}
