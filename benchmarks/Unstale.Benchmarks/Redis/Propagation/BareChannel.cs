using System.Buffers.Text;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Measuring;
using Unstale.Redis.Resp;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary><c>PUBLISH</c> by our client, heard by a thread that does nothing but read its socket. Messages are as long as a record's push.</summary>
internal sealed class BareChannel : IDisposable
{
    private const string Channel = "bare";
    private const int MessageBytes = 150, ProbeDigits = 8;
    private static readonly string Rest = new('m', MessageBytes - ProbeDigits);
    private static readonly string Before = $"*3\r\n$7\r\nmessage\r\n${Channel.Length}\r\n{Channel}\r\n${MessageBytes}\r\n";
    private static readonly int FrameBytes = Before.Length + MessageBytes + 2;

    private readonly RespConnection _sender;
    private readonly Socket _listener;
    private readonly Thread _reader;
    private Arrivals? _arrivals;

    public BareChannel(PrivateRedis server)
    {
        _sender = server.Connect();
        _listener = server.ConnectSocket();
        _listener.Send(Encoding.ASCII.GetBytes($"SUBSCRIBE {Channel}\r\n"));
        Receive(new byte[$"*3\r\n$9\r\nsubscribe\r\n${Channel.Length}\r\n{Channel}\r\n:1\r\n".Length]);
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    public void Hear(Arrivals arrivals) => Volatile.Write(ref _arrivals, arrivals);

    public ValueTask ProbeAsync(int probe) => PublishAsync(Arrivals.Key(probe)[Arrivals.Prefix.Length..]);

    /// <summary>A message that no probe waits for.</summary>
    public ValueTask LoadAsync(int number) => PublishAsync("--------");

    public void Dispose()
    {
        _listener.Dispose();
        _reader.Join();
        _sender.DisposeAsync().Wait();
    }

    private async ValueTask PublishAsync(string head)
    {
        using var command = RespCommand.Create("PUBLISH").Arg(Channel).Arg(head + Rest);
        await _sender.CallAsync(command).ConfigureAwait(false);
    }

    private void Read()
    {
        var frame = new byte[FrameBytes];
        while (Receive(frame))
        {
            if (Utf8Parser.TryParse(frame.AsSpan(Before.Length, ProbeDigits), out int probe, out var used) && used == ProbeDigits)
                Volatile.Read(ref _arrivals)?.Arrived(probe);
        }
    }

    /// <summary>False when this side has closed it.</summary>
    private bool Receive(byte[] buffer)
    {
        try
        {
            for (var have = 0; have < buffer.Length;)
            {
                var count = _listener.Receive(buffer, have, buffer.Length - have, SocketFlags.None);
                if (count == 0)
                    return false;
                have += count;
            }

            return true;
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }
}
