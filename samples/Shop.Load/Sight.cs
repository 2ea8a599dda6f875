using System.Text.Json;

namespace Shop.Load;

/// <summary>Product in a response.</summary>
/// <param name="Id">Number of the product.</param>
/// <param name="Cents">Price in cents. Each write raises the price by one cent, so it is the version of the product.</param>
/// <param name="CategoryId">Number of the category.</param>
/// <param name="CategoryName">Name of the category.</param>
/// <param name="Cached">Whether the product was served from a cache.</param>
internal sealed record Sight(long Id, long Cents, long CategoryId, string CategoryName, bool Cached)
{
    /// <summary>Returns the products of a response, which is one product or a list.</summary>
    public static List<Sight> ReadAll(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Array ? [.. answer.EnumerateArray().Select(Read)] : [Read(answer)];

    private static Sight Read(JsonElement product) => new(
        product.GetProperty("id").GetInt64(),
        (long)(product.GetProperty("price").GetDecimal() * 100),
        product.GetProperty("category_id").GetInt64(),
        product.GetProperty("category_name").GetString() ?? "",
        product.GetProperty("cached").GetBoolean());
}
