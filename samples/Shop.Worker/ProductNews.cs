using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Worker;

/// <summary>What other services say on <c>product:updates</c>: a product and what happened to it, or a cache key that ends with its number.</summary>
internal sealed record ProductNews(long? ProductId = null, string? Action = null, string? Key = null)
{
    /// <summary>The product that it is about; null when it says nothing of one.</summary>
    public long? Product =>
        ProductId ?? (long.TryParse(Key?[(Key.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null);

    /// <exception cref="FormatException">It is no such message.</exception>
    public static ProductNews Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, NewsJson.Default.ProductNews) ?? throw new FormatException("it is null");
        }
        catch (JsonException unreadable)
        {
            throw new FormatException(unreadable.Message, unreadable);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProductNews))]
internal sealed partial class NewsJson : JsonSerializerContext;
