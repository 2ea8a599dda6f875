using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Unstale.Remote;

/// <summary>JSON, for every type that has no codec of its own.</summary>
internal sealed class JsonCodec<T> : ValueCodec<T>
{
    private readonly JsonTypeInfo<T> _type;

    public JsonCodec()
    {
        try
        {
            _type = (JsonTypeInfo<T>)JsonCodec.Options.GetTypeInfo(typeof(T));
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            throw Errors.JsonCannot(typeof(T), e.Message, e);
        }

        if (JsonCodec.LosesItsType(_type))
            throw Errors.JsonCannot(typeof(T), "JSON does not say which type of object it was, so it cannot be read back.");
    }

    protected override void Write(T value, IBufferWriter<byte> target)
    {
        try
        {
            using var writer = new Utf8JsonWriter(target);
            JsonSerializer.Serialize(writer, value, _type);
        }
        catch (NotSupportedException e)
        {
            throw Errors.JsonCannot(typeof(T), e.Message, e);
        }
    }

    protected override T Read(ReadOnlySequence<byte> source)
    {
        try
        {
            var reader = new Utf8JsonReader(source);
            return JsonSerializer.Deserialize(ref reader, _type)!;
        }
        catch (NotSupportedException e)
        {
            throw Errors.JsonCannot(typeof(T), e.Message, e);
        }
    }
}

/// <summary>What all JSON codecs share.</summary>
internal static class JsonCodec
{
    /// <summary>Fields too: a tuple has nothing else, and a copy without them would be another value.</summary>
    public static readonly JsonSerializerOptions Options = new()
    {
        IncludeFields = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    public static bool LosesItsType(JsonTypeInfo type) =>
        type.Type == typeof(object)
        || (type.Kind == JsonTypeInfoKind.Object && type.Type.IsAbstract && type.PolymorphismOptions is null);
}
