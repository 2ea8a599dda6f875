using System.Buffers.Text;
using StackExchange.Redis;
using Unstale.Benchmarks.Measuring;

namespace Unstale.Benchmarks.Redis.Propagation;

/// <summary><c>PUBLISH</c> of StackExchange.Redis, received over another connection. Messages are as long as the push of a record.</summary>
internal sealed class BareChannel : IDisposable
{
    private const int MessageBytes = 150, ProbeDigits = 8;
    private static readonly RedisChannel Channel = RedisChannel.Literal("bare");
    private static readonly string Rest = new('m', MessageBytes - ProbeDigits);

    private readonly ConnectionMultiplexer _sender;
    private readonly ConnectionMultiplexer _listener;
    private readonly ISubscriber _publisher;
    private Arrivals? _arrivals;

    public BareChannel(PrivateRedis server)
    {
        (_sender, _listener) = (server.Connect(), server.Connect());
        _publisher = _sender.GetSubscriber();
        new ValueTask<ChannelMessageQueue>(_listener.GetSubscriber().SubscribeAsync(Channel)).Wait().OnMessage(message => Read(message.Message));
    }

    public void Hear(Arrivals arrivals) => Volatile.Write(ref _arrivals, arrivals);

    public ValueTask ProbeAsync(int probe) => PublishAsync(Arrivals.Key(probe)[Arrivals.Prefix.Length..]);

    /// <summary>Publishes a message that no probe waits for.</summary>
    public ValueTask LoadAsync(int number) => PublishAsync("--------");

    public void Dispose()
    {
        _listener.Dispose();
        _sender.Dispose();
    }

    private async ValueTask PublishAsync(string head) => await _publisher.PublishAsync(Channel, head + Rest).ConfigureAwait(false);

    private void Read(ReadOnlyMemory<byte> message)
    {
        if (Utf8Parser.TryParse(message.Span[..ProbeDigits], out int probe, out var used) && used == ProbeDigits)
            Volatile.Read(ref _arrivals)?.Arrived(probe);
    }
}
