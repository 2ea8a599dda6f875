namespace Shop.Load;

/// <summary>How one strategy is read and written, and how its reads show a write.</summary>
/// <param name="Name">The strategy.</param>
/// <param name="Path">What is read.</param>
/// <param name="WriteTo">Where a write goes.</param>
/// <param name="Renames">Whether the write is a new name of the category instead of a new price.</param>
internal sealed record Probe(string Name, string Path, string WriteTo, bool Renames = false)
{
    /// <summary>The seven, over one featured product. Three have no update of their own: a plain one is for all.</summary>
    public static IEnumerable<Probe> All(Sight product)
    {
        var (id, update) = (product.Id, $"/products/events/{product.Id}");
        yield return new("TTL", $"/products/ttl/{id}", update);
        yield return new("Explicit", $"/products/explicit/{id}", update);
        yield return new("Write-through", $"/products/writethrough/{id}", $"/products/writethrough/{id}");
        yield return new("Event-based", $"/products/events/{id}", update);
        yield return new("SWR", "/products/featured", update);
        yield return new("Cache tags", $"/products/by-category/{product.CategoryId}", $"/categories/{product.CategoryId}", Renames: true);
        yield return new("Production", $"/products/production/{id}", $"/products/production/{id}");
    }

    public Dictionary<string, object> Body(long version) => new(StringComparer.Ordinal)
    {
        [Renames ? "name" : "price"] = Renames ? NameOf(version) : version / 100m,
    };

    public bool Shows(List<Sight> answer, long id, long version) =>
        answer.Find(product => product.Id == id) is { } seen && (Renames ? seen.CategoryName == NameOf(version) : seen.Cents == version);

    private static string NameOf(long version) => $"Category at {version}";
}
