using System.Buffers.Binary;

namespace Unstale;

/// <summary>
/// A number that the source of truth raises with every write of what a value is made from: a row's version column, a SQL Server
/// <c>rowversion</c>, a position in the database's own log. It has to rise in the order of the commits, and with each of them.
/// </summary>
public readonly record struct SourceVersion
{
    /// <summary>Takes a number.</summary>
    /// <param name="value">From 1 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public SourceVersion(long value) => Value = value > 0 ? value : throw Errors.VersionRange(value);

    /// <summary>The number; 0 for no version.</summary>
    public long Value { get; }

    /// <summary>A version column.</summary>
    public static SourceVersion FromInt64(long value) => new(value);

    /// <summary>An unsigned position, for example <c>(ulong)NpgsqlLogSequenceNumber</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0 or above <see cref="long.MaxValue"/>.</exception>
    public static SourceVersion FromUInt64(ulong value) => new(value > long.MaxValue ? throw Errors.VersionRange(value) : (long)value);

    /// <summary>The eight bytes of a SQL Server <c>rowversion</c>.</summary>
    /// <exception cref="ArgumentException">These are not eight bytes.</exception>
    public static SourceVersion FromRowVersion(ReadOnlySpan<byte> bytes) =>
        bytes.Length == sizeof(ulong) ? FromUInt64(BinaryPrimitives.ReadUInt64BigEndian(bytes)) : throw Errors.RowVersionLength(bytes.Length);

    /// <summary>The same as <see cref="FromInt64"/>.</summary>
    public static implicit operator SourceVersion(long value) => new(value);
}
