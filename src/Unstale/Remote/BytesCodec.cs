using System.Buffers;

namespace Unstale.Remote;

/// <summary>The bytes as they are, in an array of its own for each reader.</summary>
internal sealed class BytesCodec : ValueCodec<byte[]>
{
    public override void Serialize(byte[] value, IBufferWriter<byte> target)
    {
        ArgumentNullException.ThrowIfNull(value);
        target.Write(value);
    }

    public override byte[] Deserialize(ReadOnlySequence<byte> source) => source.ToArray();
}
