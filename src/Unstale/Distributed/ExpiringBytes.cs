using System.ComponentModel;

namespace Unstale.Distributed;

/// <summary>Value of an <see cref="DistributedCache"/>: bytes that nobody changes, with the expiration of the call that set them.</summary>
/// <param name="bytes">Bytes as given.</param>
/// <param name="end">Absolute expiration, in UTC; null for none.</param>
/// <param name="sliding">Time without a read after which the value expires; zero for none.</param>
[ImmutableObject(true)]
internal sealed class ExpiringBytes(byte[] bytes, DateTimeOffset? end, TimeSpan sliding)
{
    public byte[] Bytes => bytes;

    public DateTimeOffset? End => end;

    public TimeSpan Sliding => sliding;

    /// <summary>Time by which a renewal must lengthen the lifetime. A quarter, so that a read seldom writes.</summary>
    public TimeSpan Gain => sliding / 4;

    /// <summary>
    /// Returns the lifetime as of now; zero or less for a value that has expired, null for a value that never expires. A value with a sliding expiration lives for one
    /// quarter longer: reads within this quarter need no renewal.
    /// </summary>
    public TimeSpan? LifetimeAt(DateTimeOffset now)
    {
        var left = end - now;
        var idle = sliding > TimeSpan.Zero ? sliding + Gain : (TimeSpan?)null;
        return left < idle ? left : idle ?? left;
    }
}
