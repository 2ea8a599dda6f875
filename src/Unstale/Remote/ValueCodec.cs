using System.Buffers;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>Converts values of one type to bytes and back.</summary>
/// <remarks>
/// <code>
/// T that can be null: 1 byte   0 = null, nothing follows; 1 = a value follows
/// every T:            n bytes  the value, as the codec writes it
/// </code>
/// </remarks>
/// <param name="name">Name of the byte format. Another format requires another name.</param>
internal abstract class ValueCodec<T>(string name)
{
    private const byte Null = 0;
    private const byte Present = 1;

    private static readonly bool CanBeNull = default(T) is null;

    /// <summary>Whether one object may be returned to several callers, because none of them can change it.</summary>
    public static bool Shared { get; } = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || IsImmutable(typeof(T));

    /// <summary>Number of the type and the byte format, the same in every process.</summary>
    public long Identity { get; } = ValueIdentity.Compute(name, typeof(T));

    public void Serialize(T value, IBufferWriter<byte> target)
    {
        if (CanBeNull)
        {
            target.GetSpan(1)[0] = value is null ? Null : Present;
            target.Advance(1);
        }

        if (value is not null)
            Write(value, target);
    }

    /// <exception cref="InvalidDataException">The bytes were not written by <see cref="Serialize"/>.</exception>
    public T Deserialize(ReadOnlySequence<byte> source)
    {
        if (!CanBeNull)
            return ReadValue(source);
        var reader = new SequenceReader<byte>(source);
        if (!reader.TryRead(out var mark) || mark > Present || (mark == Null && !reader.End))
            throw Errors.PayloadMark(typeof(T));
        if (mark == Null)
            return default!;
        var value = ReadValue(reader.UnreadSequence);
        return value is null ? throw Errors.PayloadNull(typeof(T)) : value; // null is written as a mark, so the bytes are not of this cache
    }

    /// <summary>Returns the number of bytes written by <see cref="Serialize"/>, if available without writing; otherwise 0.</summary>
    public virtual long SizeOf(T value) => 0;

    /// <summary>Whether reading a value may call code of the application.</summary>
    public virtual bool RunsUserCode => true;

    /// <summary>Whether a value is always read back as written, so that no check is needed.</summary>
    public virtual bool IsExact => false;

    /// <summary>
    /// Reports whether a value read back is the value written, as far as the codec can detect. The result of a serializer of the application is
    /// accepted, because the bytes may have any form.
    /// </summary>
    /// <param name="value">Value that was written.</param>
    /// <param name="copy">Value that was read back.</param>
    /// <param name="written">Bytes that were written.</param>
    public virtual bool IsSame(T value, T copy, ReadOnlySpan<byte> written) => (value is null) == (copy is null);

    /// <summary>Writes a value that is not null.</summary>
    protected abstract void Write(T value, IBufferWriter<byte> target);

    /// <summary>Reads a value written by <see cref="Write"/>.</summary>
    protected abstract T ReadValue(ReadOnlySequence<byte> source);

    // Not inherited: a class derived from an immutable one may add mutable state.
    private static bool IsImmutable(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string)
            || (type.IsSealed && type.GetCustomAttribute<ImmutableObjectAttribute>(inherit: false) is { Immutable: true });
    }
}
