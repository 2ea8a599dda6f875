using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Unstale.Benchmarks.Redis;

namespace Unstale.Benchmarks.Channel;

/// <summary>Publisher over a bare socket: many messages in one write, then their replies. One subscriber receives each message.</summary>
internal sealed class BarePublisher : IDisposable
{
    private const int ReplyBytes = 4;

    private readonly Socket _socket;
    private readonly byte[] _commands;
    private readonly byte[] _replies = new byte[ChannelMessages.Count * ReplyBytes];

    public BarePublisher(PrivateRedis server, string channel)
    {
        _socket = server.ConnectSocket();
        _commands = [.. ChannelMessages.Payloads.SelectMany(payload => Command(channel, payload))];
    }

    public void Publish(int messages)
    {
        for (var rest = _commands.AsSpan(0, messages * (_commands.Length / ChannelMessages.Count)); !rest.IsEmpty;)
            rest = rest[_socket.Send(rest)..];
        for (var missing = messages * ReplyBytes; missing > 0;)
        {
            var count = _socket.Receive(_replies.AsSpan(0, missing));
            missing -= count > 0 ? count : throw new InvalidOperationException("redis-server closed the connection.");
        }
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] Command(string channel, byte[] payload) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*3\r\n$7\r\nPUBLISH\r\n${channel.Length}\r\n{channel}\r\n${payload.Length}\r\n")),
        .. payload,
        .. "\r\n"u8,
    ];
}
