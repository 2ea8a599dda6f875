using System.Buffers;

namespace Unstale.Remote;

/// <summary>The bytes as they are, in an array of its own for each reader.</summary>
internal sealed class BytesCodec() : ValueCodec<byte[]>("bytes")
{
    public override bool RunsUserCode => false;

    protected override void Write(byte[] value, IBufferWriter<byte> target) => target.Write(value);

    protected override byte[] Read(ReadOnlySequence<byte> source) => source.ToArray();
}
