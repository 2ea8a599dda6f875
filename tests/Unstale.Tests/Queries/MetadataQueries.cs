using System.Text.Json;
using System.Text.Json.Serialization;
using Unstale.Queries;

namespace Unstale.Tests.Queries;

internal sealed record Part(DateTime From, DayOfWeek Kind, decimal? Price);

internal sealed record Everything(
    Part? Part, List<int> Ids, Dictionary<string, int> Map, IReadOnlySet<string> Set, IReadOnlyDictionary<int, Part> Parts, (int, string) Pair, Guid Id, Uri? Address, byte[] Bytes, int[][] Grid)
{
    [JsonIgnore]
    public int Total => Ids.Count;

    [JsonPropertyName("shortened")]
    public string Name { get; init; } = "";

    public TimeSpan Time { get; set; }

    [JsonIgnore]
    public Guid Trace { get; init; }
}

internal record BaseQuery(int A);

internal sealed record DerivedQuery(int A, int B) : BaseQuery(A);

internal readonly record struct StructQuery(int A, int? B);

internal sealed record KeyedByHash(int Id) : ICacheableQuery
{
    [JsonIgnore]
    public string? CacheKey => $"own:{QueryHash.Of(this, QueryJson.Default)}";
}

internal sealed record KeyedByItself(int Id) : ICacheableQuery
{
    public string? CacheKey => QueryHash.Of(this, QueryJson.Default);
}

internal sealed record Computed(int Id)
{
    public int Double => Id * 2;
}

internal sealed record ComputedWithSetter(int Id)
{
    private int _other;

    public int Other
    {
        get => _other;
        set => _other = value;
    }
}

internal sealed class Hidden
{
    private int _id;

    public string Text { get; set; } = "";

    public Hidden With(int id)
    {
        _id = id + _id;
        return this;
    }
}

internal sealed class Captured(int id, string text)
{
    public string Text { get; } = text;

    public override string ToString() => $"{id}";
}

internal sealed class Empty;

internal sealed record Converted([property: JsonConverter(typeof(JsonStringEnumConverter<DayOfWeek>))] DayOfWeek Day, WithConverter? Inner);

[JsonConverter(typeof(OwnConverter))]
internal sealed record WithConverter(int Id);

internal sealed class OwnConverter : JsonConverter<WithConverter>
{
    public override WithConverter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt32());

    public override void Write(Utf8JsonWriter writer, WithConverter value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Id);
}

internal sealed record Loose(object? Any, IEnumerable<object>? Many, IEnumerable<KeyValuePair<string, int>>? Pairs);

internal sealed record Linked(int Id)
{
    public Linked? Next { get; set; }
}

/// <summary>Metadata with the names of an application, which differ from those of the source code.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SearchQuery))]
[JsonSerializable(typeof(Everything))]
[JsonSerializable(typeof(DerivedQuery))]
[JsonSerializable(typeof(StructQuery))]
[JsonSerializable(typeof(KeyedByHash))]
[JsonSerializable(typeof(KeyedByItself))]
[JsonSerializable(typeof(Computed))]
[JsonSerializable(typeof(ComputedWithSetter))]
[JsonSerializable(typeof(Hidden))]
[JsonSerializable(typeof(Captured))]
[JsonSerializable(typeof(Empty))]
[JsonSerializable(typeof(Converted))]
[JsonSerializable(typeof(Loose))]
[JsonSerializable(typeof(Linked))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(IEnumerable<int>))]
internal sealed partial class QueryJson : JsonSerializerContext;
