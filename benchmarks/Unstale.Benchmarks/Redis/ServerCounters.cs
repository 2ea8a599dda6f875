using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis;

/// <summary>Counters of the server, read over a separate connection.</summary>
internal sealed class ServerCounters(PrivateRedis server) : IDisposable
{
    private const int QuietCommands = 5;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5), Limit = TimeSpan.FromSeconds(10);

    private readonly Socket _socket = server.ConnectSocket();

    /// <summary>Returns calls and microseconds of each command since the server started, including commands called by scripts.</summary>
    public CommandTotals Commands() => CommandTotals.Parse(Info("commandstats"));

    /// <summary>Returns the number of commands since the server started, including commands called by scripts.</summary>
    public long Processed()
    {
        const string Field = "total_commands_processed:";
        var line = Info("stats").Split("\r\n").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until the server is idle except for the occasional calls of idle nodes.</summary>
    /// <exception cref="TimeoutException">The server was still busy after ten seconds.</exception>
    public void WaitUntilQuiet()
    {
        var start = Stopwatch.GetTimestamp();
        var (before, now) = (long.MinValue, Processed());
        while (now - before > QuietCommands)
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                throw new TimeoutException($"redis-server still was busy after {Limit.TotalSeconds:0} s.");
            new ValueTask(Task.Delay(Pause, TimeProvider.System)).Wait();
            (before, now) = (now, Processed());
        }
    }

    public void Dispose() => _socket.Dispose();

    private string Info(string section)
    {
        _socket.Send(Encoding.ASCII.GetBytes($"INFO {section}\r\n"));
        var head = new StringBuilder();
        while (head.Length < 2 || head[^1] != '\n')
            head.Append((char)Receive(1)[0]);
        if (head[0] != '$')
            throw new InvalidOperationException($"redis-server answered INFO with {head}");
        var length = int.Parse(head.ToString(1, head.Length - 3), CultureInfo.InvariantCulture);
        return Encoding.ASCII.GetString(Receive(length + 2), 0, length);
    }

    private byte[] Receive(int count)
    {
        var bytes = new byte[count];
        for (var have = 0; have < count;)
        {
            var received = _socket.Receive(bytes.AsSpan(have));
            have += received > 0 ? received : throw new InvalidOperationException("redis-server closed the connection.");
        }

        return bytes;
    }
}
