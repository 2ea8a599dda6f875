using System.Buffers;
using MemoryPack;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.MemoryPack;

/// <summary>Writes and reads values of one type with MemoryPack. The name of this class is part of stored values: another format requires another name.</summary>
internal sealed class MemoryPackValueSerializer<T>(MemoryPackSerializerOptions options) : IHybridCacheSerializer<T>
{
    public void Serialize(T value, IBufferWriter<byte> target) => MemoryPackSerializer.Serialize(target, value, options);

    /// <exception cref="MemoryPackSerializationException">The bytes are not exactly one value of the type.</exception>
    public T Deserialize(ReadOnlySequence<byte> source)
    {
        T? value = default;
        var read = MemoryPackSerializer.Deserialize(source, ref value, options);
        return read == source.Length ? value! : throw Errors.BytesLeft(typeof(T), source.Length, read);
    }
}
