using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Shop.Worker;

/// <summary>
/// Message of other services on <c>product:updates</c>: a product and the action on it, or a cache key that ends with the number of the product.
/// </summary>
internal sealed record ProductNews(long? ProductId = null, string? Action = null, string? Key = null)
{
    /// <summary>Number of the product; null if the message names none.</summary>
    public long? Product =>
        ProductId ?? (long.TryParse(Key?[(Key.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null);

    /// <exception cref="FormatException">The payload is no such message.</exception>
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
