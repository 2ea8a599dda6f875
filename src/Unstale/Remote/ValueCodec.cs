using System.Buffers;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Unstale.Remote;

/// <summary>Turns values of one type into bytes and back. A null value never comes here: who stores it marks it.</summary>
internal abstract class ValueCodec<T>
{
    private static readonly bool MayBeShared = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || IsImmutable(typeof(T));

    /// <summary>True if one object may be given to several callers, because none of them can change it.</summary>
    public bool Shared { get; } = MayBeShared;

    public abstract void Serialize(T value, IBufferWriter<byte> target);

    public abstract T Deserialize(ReadOnlySequence<byte> source);

    // Not inherited: a class derived from an immutable one may add what changes.
    private static bool IsImmutable(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string)
            || (type.IsSealed && type.GetCustomAttribute<ImmutableObjectAttribute>(inherit: false) is { Immutable: true });
    }
}
