using System.Text.Json.Serialization;

namespace Shop.Nodes;

/// <summary>Answers of all caches about one product.</summary>
/// <param name="Id">Number of the product.</param>
/// <param name="Name">Name of the product in the database.</param>
/// <param name="Price">Price of the product in the database.</param>
/// <param name="Version">Version of the product in the database.</param>
/// <param name="ChangedMsAgo">Time since the last write, in milliseconds. Left out for a product that was never written again.</param>
/// <param name="Caches">Answers of both nodes with Unstale, then with a plain HybridCache.</param>
/// <param name="Strategies">Answers of both nodes under each strategy.</param>
internal sealed record ComparisonAnswer(
    long Id,
    string Name,
    decimal Price,
    long Version,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? ChangedMsAgo,
    IReadOnlyList<ObservedAnswer> Caches,
    IReadOnlyList<ObservedAnswer> Strategies);
