using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Unstale.Values;

namespace Unstale.Remote;

/// <summary>JSON codec for every type without a codec of its own. For a type that JSON cannot represent, the codec writes nothing and throws.</summary>
internal sealed class JsonCodec<T> : ValueCodec<T>
{
    private readonly JsonTypeInfo<T>? _type;
    private readonly string? _refusal;
    private readonly Exception? _cause;

    /// <param name="options">JSON options with the checks of <see cref="JsonContracts"/>.</param>
    public JsonCodec(JsonSerializerOptions options)
        : base("json")
    {
        try
        {
            if (options.TryGetTypeInfo(typeof(T), out var type))
                (_type, _refusal) = ((JsonTypeInfo<T>)type, JsonContracts.RefusalOf(type));
            else
                _refusal = Errors.NoJsonMetadata(typeof(T));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            (_refusal, _cause) = (e.Message, e);
        }
    }

    /// <summary>Serialises the copy once more. If the bytes differ, both are compared as JSON, because the order of members may differ.</summary>
    public override bool IsSame(T value, T copy, ReadOnlySpan<byte> written)
    {
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>() && !EqualityComparer<T>.Default.Equals(value, copy))
            return false;
        var again = new ArrayBufferWriter<byte>(Math.Max(written.Length, 1));
        Serialize(copy, again);
        if (written.SequenceEqual(again.WrittenSpan))
            return true;
        var mark = default(T) is null ? 1 : 0;
        return written.Length > mark && again.WrittenCount > mark && JsonContracts.AreEqual(written[mark..], again.WrittenSpan[mark..]);
    }

    protected override void Write(T value, IBufferWriter<byte> target)
    {
        ThrowIfRefused();
        try
        {
            using var writer = new Utf8JsonWriter(target);
            JsonSerializer.Serialize(writer, value, _type!);
        }
        catch (NotSupportedException e)
        {
            throw Errors.JsonCannot(typeof(T), e.Message, e);
        }
    }

    protected override T ReadValue(ReadOnlySequence<byte> source)
    {
        ThrowIfRefused();
        try
        {
            var reader = new Utf8JsonReader(source);
            return JsonSerializer.Deserialize(ref reader, _type!)!;
        }
        catch (NotSupportedException e)
        {
            throw Errors.JsonCannot(typeof(T), e.Message, e);
        }
    }

    private void ThrowIfRefused()
    {
        if (_refusal is not null)
            throw Errors.JsonCannot(typeof(T), _refusal, _cause);
    }
}
