using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Redis;

namespace Unstale.Benchmarks.Channel;

/// <summary>Thread that only reads its socket, and reports the number of messages since its last report.</summary>
internal sealed class BareSubscriber : IDisposable
{
    private readonly Socket _socket;
    private readonly Thread _reader;
    private readonly Action<int> _received;
    private readonly int _frame;

    public BareSubscriber(PrivateRedis server, string channel, Action<int> received)
    {
        _received = received;
        var payload = ChannelMessages.PayloadBytes;
        _frame = string.Create(CultureInfo.InvariantCulture, $"*3\r\n$7\r\nmessage\r\n${channel.Length}\r\n{channel}\r\n${payload}\r\n").Length + payload + 2;
        _socket = server.ConnectSocket();
        _socket.Send(Encoding.ASCII.GetBytes($"SUBSCRIBE {channel}\r\n"));
        var confirmation = new byte[$"*3\r\n$9\r\nsubscribe\r\n${channel.Length}\r\n{channel}\r\n:1\r\n".Length];
        for (var have = 0; have < confirmation.Length;)
            have += _socket.Receive(confirmation.AsSpan(have));
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
    }

    public void Dispose()
    {
        _socket.Shutdown(SocketShutdown.Both);
        _reader.Join();
        _socket.Dispose();
    }

    private void Read()
    {
        var buffer = new byte[32 << 10];
        var bytes = 0;
        for (int count; (count = _socket.Receive(buffer)) > 0; bytes %= _frame)
        {
            bytes += count;
            _received(bytes / _frame);
        }
    }
}
