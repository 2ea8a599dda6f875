using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Unstale.Boundary;
using Unstale.Remote;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Memory;

/// <summary>
/// Serialises values and reads them back before storing, so that the first caller receives the same value as all later callers. If a serializer
/// throws, the value is not stored, or the entry counts as a miss.
/// </summary>
/// <param name="cache">Name of the cache.</param>
/// <param name="codecs">Codecs that serialise the values.</param>
/// <param name="maximumPayload">Maximum size of a stored value, in bytes.</param>
/// <param name="sizer">Component that measures values for a limit in bytes; null without a limit.</param>
/// <param name="logger">Logger. Each kind of failure is logged once per type.</param>
internal sealed class ValueCopies(string cache, CodecTable codecs, int maximumPayload, ValueSizer? sizer, GuardedLogger logger)
{
    private readonly ConcurrentDictionary<(Type Type, int Event), bool> _logged = new();

    /// <summary>Returns the value in the forms to return and to store. For a type that may be shared, only serialising for the second level is tried.</summary>
    public ValueCopy<T> Make<T>(T value, bool withRemote)
    {
        var isShared = ValueCodec<T>.Shared;
        var failure = UserCode.Call(
            CallOut.Serializer, (codecs, value, IsWritten: withRemote || !isShared), static s => Write(s.codecs.For<T>(), s.value, s.IsWritten), out var written);
        if (failure is not null)
            return Failed(value, failure, isShared) with { IsUnwritten = true };
        if (Measure(value, written.Payload?.Length, out var size) is { } unmeasured)
            return Failed(value, unmeasured, isShared) with { IsTooLarge = true };
        var copy = new ValueCopy<T>(value, written.Payload) { IsTooLarge = IsTooLarge(written.Size), MayBeGiven = true, Size = size };
        if (written.Payload is null)
            return copy;
        failure = UserCode.Call(
            CallOut.Serializer, (codecs, value, written.Payload), static s => ReadBack(s.codecs.For<T>(), s.value, s.Payload), out var read);
        if (failure is null && !read.IsSame)
            failure = Errors.NotReadBack(typeof(T));
        return failure is not null ? Failed(value, failure, isShared) : isShared ? copy : copy with { Value = read.Copy };
    }

    /// <summary>Measures a value that its entry cannot measure; 0 for all others.</summary>
    /// <param name="value">Value to store.</param>
    /// <param name="serialized">Length of the serialized value; null if not serialized.</param>
    /// <param name="size">Size in bytes.</param>
    /// <returns>Reason why the size is unknown; null for success. Such a value must not be stored.</returns>
    public Exception? Measure<T>(T value, long? serialized, out long size)
    {
        size = 0;
        return sizer is null || !ValueSize<T>.IsNeeded
            ? null
            : UserCode.Call(CallOut.Value, (sizer, value, serialized), static s => s.sizer.Measure(s.value, s.serialized), out size);
    }

    /// <summary>Reads the value of an entry of this type, or a copy. Returns false if the value can no longer be read.</summary>
    public bool TryRead<T>(Entry entry, [MaybeNullWhen(false)] out T value)
    {
        if (entry is not ValueEntry<T> shared)
            return TryRead(((PayloadEntry<T>)entry).Payload, out value);
        value = shared.Value;
        return true;
    }

    /// <summary>Reads a copy of a value stored in serialised form. Returns false if the value can no longer be read.</summary>
    public bool TryRead<T>(byte[] payload, [MaybeNullWhen(false)] out T value)
    {
        var failure = UserCode.Call(CallOut.Serializer, (codecs, payload), static s => s.codecs.For<T>().Deserialize(new(s.payload)), out value);
        if (failure is null)
            return true;
        if (IsFirst<T>(EventIds.EntryUnreadable))
            logger.EntryUnreadable(failure, cache, typeof(T), UserCode.MessageOf(failure));
        return false;
    }

    private static (byte[]? Payload, long Size) Write<T>(ValueCodec<T> codec, T value, bool isWritten)
    {
        if (!isWritten)
            return (null, codec.SizeOf(value));
        var buffer = new ArrayBufferWriter<byte>();
        codec.Serialize(value, buffer);
        return (buffer.WrittenSpan.ToArray(), buffer.WrittenCount);
    }

    private static (bool IsSame, T Copy) ReadBack<T>(ValueCodec<T> codec, T value, byte[] payload)
    {
        if (ValueCodec<T>.Shared && codec.IsExact)
            return (true, value);
        var copy = codec.Deserialize(new(payload));
        return (codec.IsSame(value, copy, payload), copy);
    }

    private ValueCopy<T> Failed<T>(T value, Exception failure, bool isShared)
    {
        if (isShared && IsFirst<T>(EventIds.ValueNotStored))
            logger.ValueNotStored(failure, cache, typeof(T), UserCode.MessageOf(failure));
        if (!isShared && IsFirst<T>(EventIds.ValueNotReadBack))
            logger.ValueNotReadBack(failure, cache, typeof(T), UserCode.MessageOf(failure));
        return new(value, null) { Failure = failure, MayBeGiven = isShared };
    }

    private bool IsFirst<T>(int line) => _logged.TryAdd((typeof(T), line), true);

    private bool IsTooLarge(long bytes)
    {
        if (bytes <= maximumPayload)
            return false;
        logger.ValueTooLarge(cache, bytes, maximumPayload);
        return true;
    }
}
