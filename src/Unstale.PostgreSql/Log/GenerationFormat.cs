using System.Buffers.Binary;

namespace Unstale.PostgreSql.Log;

/// <summary>Converts generations to values of the type uuid, which show the same 32 hexadecimal digits.</summary>
internal static class GenerationFormat
{
    private const int Bytes = 16;

    public static Guid ToGuid(Generation generation)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, generation.Value);
        return new Guid(bytes, bigEndian: true);
    }

    public static Generation FromGuid(Guid value)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return new Generation(BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }
}
