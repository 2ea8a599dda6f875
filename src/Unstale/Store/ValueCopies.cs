using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Unstale.Boundary;
using Unstale.Remote;
using Unstale.Telemetry;

namespace Unstale.Store;

/// <summary>
/// Writes values and reads them back before they are kept, so that the first caller gets what all later ones get. Whatever a serializer
/// throws makes a value that is not kept, or an entry that is a miss.
/// </summary>
/// <param name="cache">The cache's name.</param>
/// <param name="codecs">How values are written.</param>
/// <param name="maximumPayload">The largest value kept, in bytes.</param>
/// <param name="logger">For one line a type.</param>
internal sealed class ValueCopies(string cache, CodecTable codecs, int maximumPayload, GuardedLogger logger)
{
    private readonly ConcurrentDictionary<(Type Type, int Event), bool> _logged = new();

    /// <summary>The value as it is given and kept. Of one that may be shared, only the way into the second level is tried.</summary>
    public ValueCopy<T> Make<T>(T value, bool withRemote)
    {
        var isShared = ValueCodec<T>.Shared;
        var failure = UserCode.Call(
            CallOut.Serializer, (codecs, value, IsWritten: withRemote || !isShared), static s => Write(s.codecs.For<T>(), s.value, s.IsWritten), out var written);
        if (failure is not null)
            return Failed(value, failure, isShared) with { IsUnwritten = true };
        var copy = new ValueCopy<T>(value, written.Payload) { IsTooLarge = IsTooLarge(written.Size), MayBeGiven = true };
        if (written.Payload is null)
            return copy;
        failure = UserCode.Call(
            CallOut.Serializer, (codecs, value, written.Payload), static s => ReadBack(s.codecs.For<T>(), s.value, s.Payload), out var read);
        if (failure is null && !read.IsSame)
            failure = Errors.NotReadBack(typeof(T));
        return failure is not null ? Failed(value, failure, isShared) : isShared ? copy : copy with { Value = read.Copy };
    }

    /// <summary>The value of an entry of this type, or a copy of it. False if it cannot be read any more.</summary>
    public bool TryRead<T>(Entry entry, [MaybeNullWhen(false)] out T value)
    {
        if (entry is not ValueEntry<T> shared)
            return TryRead(((PayloadEntry<T>)entry).Payload, out value);
        value = shared.Value;
        return true;
    }

    /// <summary>A copy of a value that is kept serialised. False if it cannot be read any more.</summary>
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
