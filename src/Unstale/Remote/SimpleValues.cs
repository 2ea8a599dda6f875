using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Unstale.Remote;

/// <summary>JSON metadata of values without members, which an application without reflection need not declare.</summary>
internal sealed class SimpleValues : IJsonTypeInfoResolver
{
    private readonly Dictionary<Type, Func<JsonSerializerOptions, JsonTypeInfo>> _types = [];

    private SimpleValues()
    {
        Add(JsonMetadataServices.BooleanConverter);
        Add(JsonMetadataServices.ByteConverter);
        Add(JsonMetadataServices.SByteConverter);
        Add(JsonMetadataServices.Int16Converter);
        Add(JsonMetadataServices.UInt16Converter);
        Add(JsonMetadataServices.Int32Converter);
        Add(JsonMetadataServices.UInt32Converter);
        Add(JsonMetadataServices.Int64Converter);
        Add(JsonMetadataServices.UInt64Converter);
        Add(JsonMetadataServices.SingleConverter);
        Add(JsonMetadataServices.DoubleConverter);
        Add(JsonMetadataServices.DecimalConverter);
        Add(JsonMetadataServices.CharConverter);
        Add(JsonMetadataServices.GuidConverter);
        Add(JsonMetadataServices.DateTimeConverter);
        Add(JsonMetadataServices.DateTimeOffsetConverter);
        Add(JsonMetadataServices.DateOnlyConverter);
        Add(JsonMetadataServices.TimeOnlyConverter);
        Add(JsonMetadataServices.TimeSpanConverter);
        _types[typeof(string)] = static options => Create(options, JsonMetadataServices.StringConverter);
        _types[typeof(Uri)] = static options => Create(options, JsonMetadataServices.UriConverter);
        _types[typeof(byte[])] = static options => Create(options, JsonMetadataServices.ByteArrayConverter);
    }

    public static SimpleValues Instance { get; } = new();

    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options) => _types.TryGetValue(type, out var create) ? create(options) : null;

    private void Add<T>(JsonConverter<T> converter)
        where T : struct
    {
        _types[typeof(T)] = options => Create(options, converter);
        _types[typeof(T?)] = static options => Create(options, JsonMetadataServices.GetNullableConverter<T>(options));
    }

    /// <summary>Converters of the application take precedence, as they do in generated metadata.</summary>
    private static JsonTypeInfo<T?> Create<T>(JsonSerializerOptions options, JsonConverter<T?> converter)
    {
        var given = options.Converters.FirstOrDefault(static one => one.CanConvert(typeof(T)));
        while (given is JsonConverterFactory factory)
            given = factory.CreateConverter(typeof(T), options);
        return JsonMetadataServices.CreateValueInfo<T?>(options, given ?? converter);
    }
}
