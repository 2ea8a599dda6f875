using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Gets;

/// <summary>What a socket can do: the commands of all callers in one write, then their replies.</summary>
internal sealed class RawGets : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _received = new byte[256 << 10];
    private readonly byte[] _sent;
    private readonly int _command;
    private readonly int _reply;

    public RawGets(PrivateRedis server)
    {
        _socket = server.ConnectSocket();
        var command = $"*2\r\n$3\r\nGET\r\n${ClientGets.Key.Length}\r\n{ClientGets.Key}\r\n";
        _command = command.Length;
        _reply = Encoding.ASCII.GetByteCount($"${ClientGets.ValueBytes}\r\n") + ClientGets.ValueBytes + 2;
        _sent = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(command, 500)));
    }

    public double PerSecond(int callers, TimeSpan slice) => Run(callers, slice, waits: null);

    /// <summary>Microseconds from a batch's sending to its last reply.</summary>
    public double Median(int callers, TimeSpan slice)
    {
        var waits = new List<double>();
        Run(callers, slice, waits);
        return Rounds.Median(waits);
    }

    public void Dispose() => _socket.Dispose();

    private double Run(int callers, TimeSpan slice, List<double>? waits)
    {
        var start = Stopwatch.GetTimestamp();
        var done = 0L;
        while (Stopwatch.GetElapsedTime(start) < slice)
        {
            var sent = Stopwatch.GetTimestamp();
            Send(callers);
            Receive(callers);
            done += callers;
            waits?.Add(Stopwatch.GetElapsedTime(sent).TotalMicroseconds);
        }

        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private void Send(int commands)
    {
        for (var rest = _sent.AsSpan(0, commands * _command); !rest.IsEmpty;)
            rest = rest[_socket.Send(rest)..];
    }

    private void Receive(int replies)
    {
        for (var missing = replies * _reply; missing > 0;)
        {
            var count = _socket.Receive(_received.AsSpan(0, Math.Min(missing, _received.Length)));
            missing -= count > 0 ? count : throw new InvalidOperationException("redis-server closed the connection.");
        }
    }
}
