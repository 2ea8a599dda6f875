using System.Buffers;
using Unstale.Remote;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Measures shared values whose size the entry cannot compute, for a limit in bytes: by the sizer of the application, otherwise by the length of the
/// serialized form.
/// </summary>
/// <param name="sizers">Sizer of each type, a function of the value.</param>
/// <param name="codecs">Codecs that serialize values without a sizer.</param>
internal sealed class ValueSizer(IReadOnlyDictionary<Type, Delegate> sizers, CodecTable codecs)
{
    /// <exception cref="InvalidOperationException">The sizer returned a negative size.</exception>
    /// <exception cref="Exception">The sizer or the serializer failed.</exception>
    public long Measure<T>(T value, long? serialized)
    {
        if (value is null)
            return 0;
        if (!sizers.TryGetValue(typeof(T), out var sizer))
            return serialized ?? LengthOf(value);
        var size = ((Func<T, long>)sizer)(value);
        return size >= 0 ? size : throw Errors.NegativeSize(typeof(T), size);
    }

    private long LengthOf<T>(T value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        codecs.For<T>().Serialize(value, buffer);
        return buffer.WrittenCount;
    }
}
