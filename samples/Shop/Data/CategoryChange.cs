using System.ComponentModel.DataAnnotations;

namespace Shop.Data;

/// <summary>Change of a category. Null leaves the name unchanged.</summary>
internal sealed record CategoryChange([property: MaxLength(ProductChange.MaximumName)] string? Name = null)
{
    /// <summary>Returns the fault in a sentence, or null if there is none.</summary>
    public string? FindFault() => Texts.FindFault("name", Name, ProductChange.MaximumName);
}
