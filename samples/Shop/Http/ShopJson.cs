using System.Text.Json;
using System.Text.Json.Serialization;
using Shop.Cart;
using Shop.Data;
using Shop.Nodes;
using Shop.Orders;

namespace Shop.Http;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProductAnswer[]))]
[JsonSerializable(typeof(ProductChange))]
[JsonSerializable(typeof(CategoryChange))]
[JsonSerializable(typeof(OrderAnswer[]))]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(KeyStatistics))]
[JsonSerializable(typeof(ExplanationAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(CartStatistics))]
[JsonSerializable(typeof(ComparisonAnswer))]
internal sealed partial class ShopJson : JsonSerializerContext
{
    public static void Configure(JsonSerializerOptions options)
    {
        options.TypeInfoResolverChain.Insert(0, Default);
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.Converters.Add(new ExactDecimal());
    }
}
