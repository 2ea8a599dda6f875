using System.ComponentModel.DataAnnotations;

namespace Shop.Data;

/// <summary>Change of a product. Null leaves the column unchanged. An empty text and a price of 0 are values.</summary>
internal sealed record ProductChange(
    [property: MaxLength(ProductChange.MaximumName)] string? Name = null,
    [property: MaxLength(ProductChange.MaximumDescription)] string? Description = null,
    [property: Range(0, (double)ProductChange.MaximumPrice)] decimal? Price = null)
{
    /// <summary>Maximum length of the name of a product or of a category.</summary>
    public const int MaximumName = 200;

    public const int MaximumDescription = 4000;

    public const decimal MaximumPrice = 1_000_000_000m;

    /// <summary>Returns the fault in a sentence, or null if there is none.</summary>
    public string? FindFault() => FindFault(Price) ?? Texts.FindFault("name", Name, MaximumName) ?? Texts.FindFault("description", Description, MaximumDescription);

    public long? ToCents() => Price is { } price ? (long)(price * 100) : null;

    private static string? FindFault(decimal? value) => value switch
    {
        < 0 => $"The price is {value}; it cannot be negative.",
        > MaximumPrice => $"The price is {value}; it cannot be above {MaximumPrice}.",
        { } price when decimal.Round(price, 2) != price => $"The price is {price}; it has at most two digits after the point.",
        _ => null,
    };
}
