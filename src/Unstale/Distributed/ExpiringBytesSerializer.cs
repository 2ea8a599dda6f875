using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Extensions.Caching.Hybrid;

namespace Unstale.Distributed;

/// <summary>Serializes <see cref="ExpiringBytes"/>.</summary>
/// <remarks>
/// <code>
/// 8 bytes   absolute expiration, in ticks of UTC, little-endian; 0 = none
/// 8 bytes   sliding expiration, in ticks, little-endian; 0 = none
/// n bytes   the bytes
/// </code>
/// </remarks>
internal sealed class ExpiringBytesSerializer : IHybridCacheSerializer<ExpiringBytes>
{
    private const int Head = 2 * sizeof(long);

    public void Serialize(ExpiringBytes value, IBufferWriter<byte> target)
    {
        var head = target.GetSpan(Head);
        BinaryPrimitives.WriteInt64LittleEndian(head, value.End?.UtcTicks ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(head[sizeof(long)..], value.Sliding.Ticks);
        target.Advance(Head);
        target.Write(value.Bytes);
    }

    /// <exception cref="InvalidDataException">The bytes were not written by <see cref="Serialize"/>.</exception>
    public ExpiringBytes Deserialize(ReadOnlySequence<byte> source)
    {
        var reader = new SequenceReader<byte>(source);
        if (!reader.TryReadLittleEndian(out long end) || !reader.TryReadLittleEndian(out long sliding)
            || end < 0 || end > DateTimeOffset.MaxValue.UtcTicks || sliding < 0)
            throw new InvalidDataException("The bytes are no value of the distributed cache.");
        return new ExpiringBytes(reader.UnreadSequence.ToArray(), end == 0 ? null : new DateTimeOffset(end, TimeSpan.Zero), new TimeSpan(sliding));
    }
}
