namespace RulesSample;

/// <summary>Dependencies: an entry is invalidated with the entries it was computed from, over any number of levels.</summary>
internal static class CacheDependencies
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static rules => rules
            .AddDependency("calculation:123", "pricing:123", "tax_rates")
            .AddDependency("report:monthly", "calculation:123"));
        var (cache, invalidator) = (example.Cache, example.Invalidator);

        await example.HoldAsync("pricing:123");
        await example.HoldAsync("tax:eu", "tax_rates");
        await example.HoldAsync("calculation:123");
        await example.HoldAsync("report:monthly");

        await cache.RemoveAsync("pricing:123");
        await example.ShowAsync("pricing:123 was removed");

        await invalidator.InvalidateTagAsync("tax_rates");
        await example.ShowAsync("the tag tax_rates was invalidated");

        example.Rules.RemoveDependency("report:monthly");
        await invalidator.InvalidateWithDependentsAsync("pricing:123");
        await example.ShowAsync("the report was taken out, and was made before that");
        await invalidator.InvalidateWithDependentsAsync("pricing:123");
        await example.ShowAsync("the report was made after that");

        // Entries that a factory reads through the cache need no declaration: the cache records them.
        ValueTask<string> TotalAsync() => cache.GetOrCreateAsync("total", async _ => $"total of {await example.HoldAsync("pricing:123")}");
        await TotalAsync();
        await cache.RemoveAsync("pricing:123");
        await example.SayAsync($"total was made from pricing:123 and is {cache.Explain("total").State}");
    }
}
