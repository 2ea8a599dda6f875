using System.Buffers.Binary;
using System.Globalization;
using Unstale.Remote;

namespace Unstale.Redis.SecondLevel;

/// <summary>Stamp and checksum in stored form, which distinguish a value from any other value of the same key.</summary>
internal static class StoredIdentity
{
    private const int Length = EnvelopeLayout.Codec - EnvelopeLayout.Stamp;

    public static byte[] ForValue(RemoteHit hit)
    {
        var identity = new byte[Length];
        hit.Stamp.TryFormat(identity, out _, "D16", CultureInfo.InvariantCulture);
        BinaryPrimitives.WriteUInt32LittleEndian(identity.AsSpan(EnvelopeLayout.StampDigits), (uint)hit.Mark);
        return identity;
    }

    /// <summary>Returns null if there are too few bytes for a value.</summary>
    public static byte[]? ForValue(ReadOnlySpan<byte> stored) =>
        stored.Length < EnvelopeLayout.Codec ? null : stored.Slice(EnvelopeLayout.Stamp, Length).ToArray();
}
