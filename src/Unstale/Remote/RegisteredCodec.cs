using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Remote;

/// <summary>A serializer that the application registered.</summary>
internal sealed class RegisteredCodec<T>(IHybridCacheSerializer<T> serializer) : ValueCodec<T>
{
    public override void Serialize(T value, IBufferWriter<byte> target) => serializer.Serialize(value, target);

    public override T Deserialize(ReadOnlySequence<byte> source) => serializer.Deserialize(source);
}
