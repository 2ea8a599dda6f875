using System.Globalization;

namespace CatalogueSample;

/// <summary>Product in a list.</summary>
internal sealed record ProductLine(string Name, decimal Price)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Price:0.00}");
}

/// <summary>Page of one product.</summary>
internal sealed record ProductPage(string Name, decimal Price, string Category);
