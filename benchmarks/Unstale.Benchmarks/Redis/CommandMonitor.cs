using System.Net.Sockets;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis;

/// <summary>Counter of the commands sent by clients, each a round trip, without the commands called by scripts.</summary>
internal sealed class CommandMonitor : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Socket _socket;
    private readonly StreamReader _lines;
    private readonly Task _reading;
    private long _sent;

    public CommandMonitor(PrivateRedis server)
    {
        _socket = server.ConnectSocket();
        _lines = new(new NetworkStream(_socket));
        _socket.Send("MONITOR\r\n"u8);
        if (_lines.ReadLine() is not "+OK")
            throw new InvalidOperationException("redis-server refused MONITOR.");
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Returns the number of commands sent while <paramref name="action"/> ran and until no more followed.</summary>
    public long Sent(Action action)
    {
        Settle();
        var before = Interlocked.Read(ref _sent);
        action();
        return Settle() - before;
    }

    public void Dispose()
    {
        _socket.Dispose();
        new ValueTask(_reading).Wait();
        _lines.Dispose();
    }

    private long Settle()
    {
        for (var before = Interlocked.Read(ref _sent); ;)
        {
            new ValueTask(Task.Delay(Pause, TimeProvider.System)).Wait();
            var now = Interlocked.Read(ref _sent);
            if (now == before)
                return now;
            before = now;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _lines.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                if (!line.Contains(" lua] ", StringComparison.Ordinal))
                    Interlocked.Increment(ref _sent);
            }
        }
        catch (IOException)
        {
            // The monitor was disposed.
        }
    }
}
