using System.Buffers;
using MessagePack;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.MessagePack;

/// <summary>Writes and reads values of one type with MessagePack. The name of this class is part of stored values: another format requires another name.</summary>
internal sealed class MessagePackValueSerializer<T>(MessagePackSerializerOptions options) : IHybridCacheSerializer<T>
{
    public void Serialize(T value, IBufferWriter<byte> target) => MessagePackSerializer.Serialize(target, value, options);

    /// <exception cref="MessagePackSerializationException">The bytes are not exactly one value of the type.</exception>
    public T Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new MessagePackReader(source);
        var value = MessagePackSerializer.Deserialize<T>(ref reader, options);
        return reader.End ? value : throw Errors.BytesLeft(typeof(T), source.Length, reader.Consumed);
    }
}
