using System.Buffers;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Remote;

/// <summary>Codec of a serializer registered by the application.</summary>
internal sealed class RegisteredCodec<T>(IHybridCacheSerializer<T> serializer) : ValueCodec<T>("serializer " + ValueIdentity.NameOf(serializer.GetType()))
{
    protected override void Write(T value, IBufferWriter<byte> target) => serializer.Serialize(value, target);

    protected override T ReadValue(ReadOnlySequence<byte> source) => serializer.Deserialize(source);
}
