using System.Text.Json.Serialization;
using Unstale;
using Unstale.Queries;

namespace Native;

internal sealed record Product(int Id, string Name, decimal Price, List<string> Labels);

/// <summary>Event of the domain.</summary>
internal sealed record PriceChanged(int Product);

/// <summary>Query without a key. Its results are cached under the hash of its members.</summary>
[HashedQuery]
internal sealed record FindProducts(string Text, Paging Paging, IReadOnlySet<string> Labels);

internal sealed record Paging(int Page, int Size);

/// <summary>Query that has a key and derives the key from its members.</summary>
internal sealed record CountProducts(string Text) : ICacheableQuery
{
    [JsonIgnore]
    public string? CacheKey => QueryHash.Of(this, ProductJson.Default);
}

/// <summary>Value without metadata.</summary>
internal sealed record Undeclared(List<string> Texts);

/// <summary>Query without metadata.</summary>
[HashedQuery]
internal sealed record FindUndeclared(string Text);

/// <summary>Types of the values and of the hashed queries; the compiler generates the metadata.</summary>
[JsonSerializable(typeof(Product))]
[JsonSerializable(typeof(FindProducts))]
[JsonSerializable(typeof(CountProducts))]
[JsonSerializable(typeof(List<Product>))]
[JsonSerializable(typeof(LogPosition))]
internal sealed partial class ProductJson : JsonSerializerContext;
