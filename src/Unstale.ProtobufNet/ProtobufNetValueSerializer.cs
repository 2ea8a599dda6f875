using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Caching.Hybrid;
using ProtoBuf.Meta;

namespace Unstale.ProtobufNet;

/// <summary>Writes and reads values of one type with protobuf-net. The name of this class is part of stored values: another format requires another name.</summary>
internal sealed class ProtobufNetValueSerializer<T>(TypeModel model) : IHybridCacheSerializer<T>
{
    // A struct whose members have their defaults is written as no bytes, which protobuf-net reads as null for a nullable struct.
    private static readonly T Empty =
        Nullable.GetUnderlyingType(typeof(T)) is { } type ? (T)RuntimeHelpers.GetUninitializedObject(type) : default!;

    public void Serialize(T value, IBufferWriter<byte> target) => model.Serialize(target, value);

    public T Deserialize(ReadOnlySequence<byte> source) => model.Deserialize(source, Empty);
}
