using System.ComponentModel.DataAnnotations;

namespace Shop.Data;

/// <summary>What a write to a category changes; null leaves the name as it is.</summary>
internal sealed record CategoryChange([property: MaxLength(ProductChange.MaximumName)] string? Name = null)
{
    /// <summary>What is wrong with it, in a sentence; null when nothing is.</summary>
    public string? FindFault() => Texts.FindFault("name", Name, ProductChange.MaximumName);
}
