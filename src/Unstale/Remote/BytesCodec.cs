using System.Buffers;

namespace Unstale.Remote;

/// <summary>Codec for byte arrays: the bytes unchanged, in a new array for each reader.</summary>
internal sealed class BytesCodec() : ValueCodec<byte[]>("bytes")
{
    public override bool RunsUserCode => false;

    protected override void Write(byte[] value, IBufferWriter<byte> target) => target.Write(value);

    protected override byte[] ReadValue(ReadOnlySequence<byte> source) => source.ToArray();
}
