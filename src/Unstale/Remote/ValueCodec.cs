using System.Buffers;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unstale.Remote;

/// <summary>Turns values of one type into bytes and back.</summary>
/// <remarks>
/// <code>
/// T that can be null: 1 byte   0 = null, nothing follows; 1 = a value follows
/// every T:            n bytes  the value, as the codec writes it
/// </code>
/// </remarks>
/// <param name="name">Stands for the form of the bytes: another name is given with another form.</param>
internal abstract class ValueCodec<T>(string name)
{
    private const byte Null = 0;
    private const byte Present = 1;

    private static readonly bool CanBeNull = default(T) is null;

    /// <summary>True if one object may be given to several callers, because none of them can change it.</summary>
    public static bool Shared { get; } = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || IsImmutable(typeof(T));

    /// <summary>Stands for the type and the form of its bytes, in every process alike.</summary>
    public long Identity { get; } = ValueIdentity.Of(name, typeof(T));

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
            return Read(source);
        var reader = new SequenceReader<byte>(source);
        if (!reader.TryRead(out var mark) || mark > Present || (mark == Null && !reader.End))
            throw Errors.PayloadMark(typeof(T));
        return mark == Null ? default! : Read(reader.UnreadSequence);
    }

    /// <summary>Number of bytes that <see cref="Serialize"/> writes, where it is known without writing them; else 0.</summary>
    public virtual long SizeOf(T value) => 0;

    /// <summary>True if reading a value may call code of the application.</summary>
    public virtual bool RunsUserCode => true;

    /// <summary>True if a value always comes back as it was written, so that nobody need look.</summary>
    public virtual bool IsExact => false;

    /// <summary>
    /// True if a value that was read back is the one that was written, as far as the codec can tell. A serializer of the application is
    /// believed, because its bytes may have any form.
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="copy">The value that was read back.</param>
    /// <param name="written">The bytes between the two.</param>
    public virtual bool IsSame(T value, T copy, ReadOnlySpan<byte> written) => (value is null) == (copy is null);

    /// <summary>Writes a value that is not null.</summary>
    protected abstract void Write(T value, IBufferWriter<byte> target);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    protected abstract T Read(ReadOnlySequence<byte> source);

    // Not inherited: a class derived from an immutable one may add what changes.
    private static bool IsImmutable(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string)
            || (type.IsSealed && type.GetCustomAttribute<ImmutableObjectAttribute>(inherit: false) is { Immutable: true });
    }
}
