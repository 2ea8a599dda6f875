using System.Buffers.Binary;
using Unstale.Values;

namespace Unstale;

/// <summary>
/// Number that the source of truth increases with every write to the data behind a value: a version column, a SQL Server <c>rowversion</c>, a position in
/// the database's own log. The number must increase with each commit, in the order of the commits.
/// </summary>
public readonly record struct SourceVersion
{
    /// <summary>Creates a version from a number.</summary>
    /// <param name="value">Number, from 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public SourceVersion(long value) => Value = value > 0 ? value : throw Errors.VersionRange(value);

    /// <summary>Number of the version. 0 means no version.</summary>
    public long Value { get; }

    /// <summary>Creates a version from the value of a version column.</summary>
    public static SourceVersion FromInt64(long value) => new(value);

    /// <summary>Creates a version from an unsigned position, for example <c>(ulong)NpgsqlLogSequenceNumber</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The position is 0 or above <see cref="long.MaxValue"/>.</exception>
    public static SourceVersion FromUInt64(ulong value) => new(value > long.MaxValue ? throw Errors.VersionRange(value) : (long)value);

    /// <summary>Creates a version from the eight bytes of a SQL Server <c>rowversion</c>.</summary>
    /// <exception cref="ArgumentException">The number of bytes is not eight.</exception>
    public static SourceVersion FromRowVersion(ReadOnlySpan<byte> bytes) =>
        bytes.Length == sizeof(ulong) ? FromUInt64(BinaryPrimitives.ReadUInt64BigEndian(bytes)) : throw Errors.RowVersionLength(bytes.Length);

    /// <summary>Creates a version from a number, like <see cref="FromInt64"/>.</summary>
    public static implicit operator SourceVersion(long value) => new(value);
}
