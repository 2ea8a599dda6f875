namespace Shop.Load;

/// <summary>Paths to read and write one strategy, and the field in which its reads show a write.</summary>
/// <param name="Name">Name of the strategy.</param>
/// <param name="Path">Path of a read.</param>
/// <param name="WriteTo">Path of a write.</param>
/// <param name="Renames">Whether the write changes the name of the category instead of the price.</param>
internal sealed record Probe(string Name, string Path, string WriteTo, bool Renames = false)
{
    /// <summary>Returns the seven strategies, over one featured product. Three have no update of their own and use a plain one.</summary>
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
