using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Unstale.Values;

namespace Unstale.Predicates;

/// <summary>Creates the canonical forms of values. Texts, GUIDs and bytes are hashed with the key of the log.</summary>
internal sealed class ColumnHash
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private readonly ulong _key0;
    private readonly ulong _key1;
    private readonly ushort _fingerprint;

    /// <param name="key">Secret of the log, equal on all nodes; null for a hash that anyone can compute.</param>
    public ColumnHash(string? key = null)
    {
        if (key is null)
            return;
        var derived = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        _key0 = BitConverter.ToUInt64(derived);
        _key1 = BitConverter.ToUInt64(derived, 8);
        _fingerprint = (ushort)(BitConverter.ToUInt16(derived, 16) | 1); // 0 is the hash without a key
    }

    /// <summary>Hash without a key.</summary>
    public static ColumnHash Unkeyed { get; } = new();

    public ColumnValue OfText(ReadOnlySpan<char> text)
    {
        var longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = longest > 512 ? ArrayPool<byte>.Shared.Rent(longest) : null;
        Span<byte> bytes = rented ?? stackalloc byte[512];
        var value = OfHash(ColumnValueKind.Text, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return value;
    }

    public ColumnValue OfBytes(ReadOnlySpan<byte> bytes) => OfHash(ColumnValueKind.Binary, bytes);

    public ColumnValue OfGuid(Guid value) => OfHash(ColumnValueKind.Guid, MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(in value)));

    /// <summary>Returns the form of a value. Returns false for a type without one: the value is then unknown.</summary>
    public bool TryCreate(object? value, out ColumnValue form)
    {
        switch (value)
        {
            case null or DBNull:
                form = ColumnValue.Null;
                return true;
            case bool flag:
                form = ColumnValue.OfNumber(flag ? 1 : 0);
                return true;
            case Enum named:
                form = ColumnValue.OfNumber(Convert.ToDecimal(named, CultureInfo.InvariantCulture));
                return true;
            case string text:
                form = OfText(text);
                return true;
            case char character:
                form = OfText(new ReadOnlySpan<char>(in character));
                return true;
            case Guid guid:
                form = OfGuid(guid);
                return true;
            case byte[] bytes:
                form = OfBytes(bytes);
                return true;
            default:
                return TryCreateNumber(value, out form) || TryCreateMoment(value, out form);
        }
    }

    /// <summary>Returns the ticks that identify a date, a time or a duration; null for a value of another type.</summary>
    public static long? TicksOf(object value) => value switch
    {
        DateTimeOffset time => time.UtcTicks,
        DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime().Ticks,
        DateTime time => time.Ticks,
        DateOnly date => date.DayNumber * TimeSpan.TicksPerDay,
        TimeOnly time => time.Ticks,
        TimeSpan time => time.Ticks,
        _ => null,
    };

    private static bool TryCreateNumber(object value, out ColumnValue form)
    {
        switch (value)
        {
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal:
                form = ColumnValue.OfNumber(Convert.ToDecimal(value, CultureInfo.InvariantCulture));
                return true;
            case double real:
                form = ColumnValue.OfReal(real);
                return true;
            case float real:
                form = ColumnValue.OfReal(real);
                return true;
            default:
                form = default;
                return false;
        }
    }

    private static bool TryCreateMoment(object value, out ColumnValue form)
    {
        var ticks = TicksOf(value);
        form = ticks is { } known ? ColumnValue.OfMoment((long)Math.Floor((decimal)known / TicksPerMicrosecond)) : default;
        return ticks is not null;
    }

    private ColumnValue OfHash(ColumnValueKind kind, ReadOnlySpan<byte> bytes) => ColumnValue.OfHash(kind, SipHash.Compute(bytes, _key0, _key1), _fingerprint);
}
