using System.Text.Json;

namespace Shop.Load;

/// <summary>One product of an answer.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Cents">Its price. A write raises it by one cent, so it is the product's version.</param>
/// <param name="CategoryId">The number of its category.</param>
/// <param name="CategoryName">The name of its category.</param>
/// <param name="Cached">Whether it came from a cache.</param>
internal sealed record Sight(long Id, long Cents, long CategoryId, string CategoryName, bool Cached)
{
    /// <summary>The products of an answer, which is one or a list of them.</summary>
    public static List<Sight> ReadAll(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Array ? [.. answer.EnumerateArray().Select(Read)] : [Read(answer)];

    private static Sight Read(JsonElement product) => new(
        product.GetProperty("id").GetInt64(),
        (long)(product.GetProperty("price").GetDecimal() * 100),
        product.GetProperty("category_id").GetInt64(),
        product.GetProperty("category_name").GetString() ?? "",
        product.GetProperty("cached").GetBoolean());
}
