using Unstale;

namespace RulesSample;

/// <summary>Conditional rules: a rule runs for the operations and fields it names, and if its condition holds.</summary>
internal static class ConditionalRules
{
    public static async Task RunAsync(TextWriter output)
    {
        await using var example = new Example(output, static rules =>
        {
            rules.When("product").Named("delete_only").On(ChangeOperation.Delete).Invalidate("catalogue");
            rules.When("product").Named("price_only").OnFields("price").Invalidate("price_list");
            rules.When("product").Named("public_only").Where(static change => !change.Context.ContainsKey("draft")).Invalidate("search");
        });
        var invalidator = example.Invalidator;

        await example.HoldAsync("the catalogue", "catalogue");
        await example.HoldAsync("the price list", "price_list");
        await example.HoldAsync("a search", "search");

        await invalidator.ChangedAsync("product", 4, ChangeOperation.Delete, fields: ["stock"]);
        await example.ShowAsync("deleted");

        await invalidator.ChangedAsync("product", 4, fields: ["price"]);
        await example.ShowAsync("a new price");

        await invalidator.ChangedAsync("product", 4, fields: ["price"], context: new Dictionary<string, object?> { ["draft"] = true });
        await example.ShowAsync("a new price in a draft");

        await invalidator.ChangedAsync("product", 4);
        await example.ShowAsync("updated, and nobody says which fields");

        foreach (var rule in example.Cache.GetStatistics().Rules.Details)
            await example.SayAsync($"runs of {rule.Name}: {rule.Executions}");
    }
}
